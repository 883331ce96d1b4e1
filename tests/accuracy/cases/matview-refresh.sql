-- case: matview-refresh
-- base: shop
-- change:
REFRESH MATERIALIZED VIEW customer_totals;
