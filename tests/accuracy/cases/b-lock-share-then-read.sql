-- case: b-lock-share-then-read
-- base: shop
-- change:
BEGIN;
LOCK TABLE orders IN SHARE MODE;
CREATE TABLE order_days AS SELECT placed_at::date AS day, count(*) AS orders FROM orders GROUP BY 1;
COMMIT;
