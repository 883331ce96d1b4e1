-- case: default-drop-nullable
-- base: shop
-- change:
ALTER TABLE orders ALTER COLUMN channel DROP DEFAULT;
