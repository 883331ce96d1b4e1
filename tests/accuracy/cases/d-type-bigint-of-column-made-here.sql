-- case: d-type-bigint-of-column-made-here
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN weight integer;
ALTER TABLE orders ALTER COLUMN weight TYPE bigint;
