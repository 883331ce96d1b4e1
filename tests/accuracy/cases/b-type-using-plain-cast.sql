-- case: b-type-using-plain-cast
-- base: shop
-- change:
ALTER TABLE orders ALTER COLUMN note SET DATA TYPE text USING note::text;
