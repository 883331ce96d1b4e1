-- case: matview-refresh-to-nothing
-- base: shop
-- change:
REFRESH MATERIALIZED VIEW customer_totals WITH NO DATA;
