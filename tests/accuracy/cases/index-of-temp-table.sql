-- case: index-of-temp-table
-- base: shop
-- change:
BEGIN;
CREATE TEMPORARY TABLE chosen ON COMMIT DROP AS SELECT id, customer_id FROM orders WHERE total > 200;
CREATE INDEX ON chosen (customer_id);
INSERT INTO settings SELECT 'chosen', count(*)::text FROM chosen;
COMMIT;
