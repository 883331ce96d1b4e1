-- case: held-lock-then-copy
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN tier integer;
CREATE TABLE big_spenders AS SELECT customer_id FROM orders GROUP BY 1 HAVING sum(total) > 500;
