-- case: b-owner-of-table
-- base: shop
-- change:
ALTER TABLE orders OWNER TO keeper;
