-- case: lock-table-and-copy
-- base: shop
-- change:
BEGIN;
LOCK TABLE orders IN SHARE MODE;
CREATE TABLE orders_copy AS TABLE orders;
COMMIT;
