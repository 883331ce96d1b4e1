-- case: lock-and-copy-in-two-transactions
-- base: shop
-- change:
BEGIN;
ALTER TABLE customers ADD COLUMN tier integer;
COMMIT;
BEGIN;
CREATE TABLE big_spenders AS SELECT customer_id FROM orders GROUP BY 1 HAVING sum(total) > 500;
COMMIT;
