-- case: index-drop-unique
-- base: shop
-- app:
INSERT INTO products (sku, title, price) VALUES ('sku-3', 'Twice', 1);
-- change:
DROP INDEX products_sku_key;
