-- case: lock-rows-few
-- base: shop
-- change:
SELECT id FROM orders ORDER BY id LIMIT 100 FOR UPDATE SKIP LOCKED;
