-- case: lock-table-weakly
-- base: shop
-- change:
BEGIN;
LOCK TABLE orders, customers IN ROW EXCLUSIVE MODE;
UPDATE customers SET locale = 'nn' WHERE id < 20;
COMMIT;
