-- case: b-update-limited-subquery
-- base: shop
-- change:
WITH batch AS (
    SELECT id FROM orders WHERE channel = 'web' ORDER BY id LIMIT 800 FOR UPDATE SKIP LOCKED
)
UPDATE orders SET channel = 'shop' FROM batch WHERE orders.id = batch.id;
