-- case: owner
-- base: shop
-- change:
ALTER TABLE customers OWNER TO keeper;
