-- case: default-changed
-- base: shop
-- change:
ALTER TABLE orders ALTER COLUMN qty SET DEFAULT 2;
