-- case: type-varchar-to-text
-- base: shop
-- change:
ALTER TABLE orders ALTER COLUMN note SET DATA TYPE text;
