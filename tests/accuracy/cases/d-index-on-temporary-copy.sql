-- case: d-index-on-temporary-copy
-- base: shop
-- change:
BEGIN;
CREATE TEMPORARY TABLE picked ON COMMIT DROP AS SELECT id, customer_id FROM orders;
CREATE INDEX ON picked (customer_id);
ANALYZE picked;
COMMIT;
