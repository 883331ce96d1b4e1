-- case: lock-rows-all
-- base: shop
-- change:
SELECT id FROM orders FOR UPDATE;
