-- case: d-column-then-count-of-others
-- base: shop
-- change:
BEGIN;
ALTER TABLE customers ADD COLUMN order_count bigint;
SELECT customer_id, count(*) FROM orders GROUP BY customer_id HAVING count(*) > 100;
COMMIT;
