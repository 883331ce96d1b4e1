-- case: default-drop-required
-- base: shop
-- change:
ALTER TABLE orders ALTER COLUMN qty DROP DEFAULT;
