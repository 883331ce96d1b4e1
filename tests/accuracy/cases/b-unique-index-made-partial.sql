-- case: b-unique-index-made-partial
-- base: shop
-- change:
CREATE UNIQUE INDEX CONCURRENTLY products_sku_in_stock_key ON products (sku) WHERE stock > 0;
DROP INDEX CONCURRENTLY products_sku_key;
-- app:
INSERT INTO products (sku, title, price) VALUES ('sku-3', 'Twice', 1);
