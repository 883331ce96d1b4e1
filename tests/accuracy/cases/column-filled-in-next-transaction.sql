-- case: column-filled-in-next-transaction
-- base: shop
-- change:
BEGIN;
ALTER TABLE orders ADD COLUMN total_gross numeric(12,2);
COMMIT;
UPDATE orders SET total_gross = total * 1.25;
