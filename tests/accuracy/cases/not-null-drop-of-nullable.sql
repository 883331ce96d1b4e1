-- case: not-null-drop-of-nullable
-- base: shop
-- change:
ALTER TABLE customers ALTER COLUMN phone DROP NOT NULL;
