-- case: c-arbiter-index-exchanged
-- base: shop
-- change:
CREATE UNIQUE INDEX CONCURRENTLY products_sku_uq ON products (sku);
DROP INDEX CONCURRENTLY products_sku_key;
-- app:
INSERT INTO products (sku, title, price) VALUES ('sku-9', 'Again', 2) ON CONFLICT (sku) DO UPDATE SET title = excluded.title;
