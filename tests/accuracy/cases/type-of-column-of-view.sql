-- case: type-of-column-of-view
-- base: shop
-- change:
ALTER TABLE customers ALTER COLUMN email TYPE text;
