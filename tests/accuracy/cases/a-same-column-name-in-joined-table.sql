-- case: a-same-column-name-in-joined-table
-- base: shop
-- change:
-- A price list may override what the order lines say.
ALTER TABLE orders ADD COLUMN IF NOT EXISTS price numeric(12,2);
-- app:
SELECT o.id, quantity, price FROM orders o JOIN order_lines l ON l.order_id = o.id WHERE o.id = 42 ORDER BY l.id;
