-- case: a-json-for-extras
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN extras json;
-- app:
SELECT count(*) FROM (SELECT DISTINCT c.* FROM customers c JOIN orders o ON o.customer_id = c.id WHERE c.id < 20) d;
