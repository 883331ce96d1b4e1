-- case: index-drop-unique-concurrently
-- base: shop
-- change:
DROP INDEX CONCURRENTLY products_sku_key;
-- app:
INSERT INTO products (sku, title, price) VALUES ('sku-9', 'Nine', 1) ON CONFLICT (sku) DO NOTHING;
