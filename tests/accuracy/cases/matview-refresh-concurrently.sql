-- case: matview-refresh-concurrently
-- base: shop
-- given:
CREATE UNIQUE INDEX customer_totals_key ON customer_totals (customer_id);
-- change:
REFRESH MATERIALIZED VIEW CONCURRENTLY customer_totals;
