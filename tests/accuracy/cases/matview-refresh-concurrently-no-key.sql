-- case: matview-refresh-concurrently-no-key
-- base: shop
-- change:
REFRESH MATERIALIZED VIEW CONCURRENTLY customer_totals;
