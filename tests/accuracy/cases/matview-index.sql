-- case: matview-index
-- base: shop
-- change:
CREATE UNIQUE INDEX customer_totals_key ON customer_totals (customer_id);
