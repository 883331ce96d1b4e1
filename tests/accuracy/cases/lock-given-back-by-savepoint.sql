-- case: lock-given-back-by-savepoint
-- base: shop
-- change:
BEGIN;
SAVEPOINT tried;
ALTER TABLE customers ADD COLUMN tier integer;
ROLLBACK TO SAVEPOINT tried;
CREATE TABLE big_spenders AS SELECT customer_id FROM orders GROUP BY 1 HAVING sum(total) > 500;
COMMIT;
