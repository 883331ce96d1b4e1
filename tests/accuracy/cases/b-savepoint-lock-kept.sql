-- case: b-savepoint-lock-kept
-- base: shop
-- change:
BEGIN;
SAVEPOINT one;
ALTER TABLE settings ADD COLUMN note text;
RELEASE SAVEPOINT one;
SAVEPOINT two;
CREATE TABLE order_channels AS SELECT channel, count(*) AS orders FROM orders GROUP BY 1;
RELEASE SAVEPOINT two;
COMMIT;
