-- case: type-char-to-text
-- base: shop
-- change:
ALTER TABLE customers ALTER COLUMN country TYPE text;
