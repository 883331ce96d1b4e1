-- case: enum-value-used-in-transaction
-- base: shop
-- change:
BEGIN;
ALTER TYPE order_state ADD VALUE 'returned';
UPDATE orders SET state = 'returned' WHERE id = 7;
COMMIT;
