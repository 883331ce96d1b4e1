-- case: b-lock-weak-then-read
-- base: shop
-- change:
BEGIN;
LOCK TABLE orders, customers IN SHARE UPDATE EXCLUSIVE MODE NOWAIT;
CREATE TABLE order_days AS SELECT placed_at::date AS day, count(*) AS orders FROM orders GROUP BY 1;
COMMIT;
