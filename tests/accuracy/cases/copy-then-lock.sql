-- case: copy-then-lock
-- base: shop
-- change:
CREATE TABLE big_spenders AS SELECT customer_id FROM orders GROUP BY 1 HAVING sum(total) > 500;
ALTER TABLE customers ADD COLUMN tier integer;
