-- case: b-enum-add-before
-- base: shop
-- change:
ALTER TYPE order_state ADD VALUE IF NOT EXISTS 'packed' BEFORE 'shipped';
-- app:
SELECT id FROM orders WHERE id < 50 ORDER BY state, id LIMIT 5;
