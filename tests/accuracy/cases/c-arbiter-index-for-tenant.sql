-- case: c-arbiter-index-for-tenant
-- base: shop
-- change:
DROP INDEX CONCURRENTLY products_sku_key;
CREATE UNIQUE INDEX CONCURRENTLY products_sku_title_key ON products (sku, title);
-- app:
INSERT INTO products (sku, title, price) VALUES ('sku-9', 'Again', 2) ON CONFLICT (sku) DO UPDATE SET title = excluded.title;
