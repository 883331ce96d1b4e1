-- case: b-savepoint-lock-given-back
-- base: shop
-- change:
BEGIN;
SAVEPOINT probe;
ALTER TABLE orders DROP COLUMN channel;
ROLLBACK TO SAVEPOINT probe;
CREATE TABLE order_channels AS SELECT channel, count(*) AS orders FROM orders GROUP BY 1;
COMMIT;
