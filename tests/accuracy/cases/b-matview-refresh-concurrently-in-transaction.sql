-- case: b-matview-refresh-concurrently-in-transaction
-- base: shop
-- given:
CREATE UNIQUE INDEX customer_totals_key ON customer_totals (customer_id);
-- change:
BEGIN;
REFRESH MATERIALIZED VIEW CONCURRENTLY customer_totals;
COMMIT;
