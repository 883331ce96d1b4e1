-- case: not-null-drop
-- base: shop
-- change:
ALTER TABLE customers ALTER COLUMN email DROP NOT NULL;
