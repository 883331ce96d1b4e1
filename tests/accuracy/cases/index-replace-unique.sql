-- case: index-replace-unique
-- base: shop
-- change:
CREATE UNIQUE INDEX CONCURRENTLY products_sku_uniq ON products (sku) INCLUDE (title);
DROP INDEX CONCURRENTLY products_sku_key;
