-- case: enum-value-then-used
-- base: shop
-- change:
ALTER TYPE order_state ADD VALUE 'returned';
UPDATE orders SET ext_ref = 'r' WHERE id = 7 AND state = 'returned';
