-- case: type-int-to-bigint-referenced
-- base: shop
-- change:
ALTER TABLE products ALTER COLUMN id TYPE bigint;
