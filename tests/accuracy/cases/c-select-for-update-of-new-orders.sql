-- case: c-select-for-update-of-new-orders
-- base: shop
-- change:
SELECT id FROM orders WHERE state = 'new' FOR UPDATE;
UPDATE orders SET channel = 'web' WHERE state = 'new' AND channel IS NULL;
