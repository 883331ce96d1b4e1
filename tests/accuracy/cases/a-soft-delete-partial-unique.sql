-- case: a-soft-delete-partial-unique
-- base: shop
-- change:
BEGIN;
ALTER TABLE products ADD COLUMN archived_at timestamptz;
DROP INDEX products_sku_key;
CREATE UNIQUE INDEX products_sku_key ON products (sku) WHERE archived_at IS NULL;
COMMIT;
-- app:
INSERT INTO products (sku, title, price) VALUES ('sku-4', 'Again', 1) ON CONFLICT (sku) DO NOTHING;
