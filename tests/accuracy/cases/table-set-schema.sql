-- case: table-set-schema
-- base: shop
-- change:
CREATE SCHEMA sales;
ALTER TABLE order_lines SET SCHEMA sales;
