-- case: check-fails-on-data
-- base: shop
-- change:
ALTER TABLE products ADD CONSTRAINT products_stock_ok CHECK (stock < 5);
