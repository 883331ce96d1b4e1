-- case: b-owner-of-view
-- base: shop
-- change:
ALTER VIEW active_customers OWNER TO keeper;
