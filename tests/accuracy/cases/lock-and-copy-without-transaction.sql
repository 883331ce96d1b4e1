-- case: lock-and-copy-without-transaction
-- base: shop
-- change:
-- change: transaction=off
ALTER TABLE customers ADD COLUMN tier integer;
CREATE TABLE big_spenders AS SELECT customer_id FROM orders GROUP BY 1 HAVING sum(total) > 500;
