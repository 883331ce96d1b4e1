-- case: c-lock-orders-then-count
-- base: shop
-- change:
LOCK TABLE orders IN SHARE ROW EXCLUSIVE MODE;
DELETE FROM orders WHERE id > 1000000;
SELECT count(*) FROM orders WHERE total < 0;
