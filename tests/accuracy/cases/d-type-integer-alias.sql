-- case: d-type-integer-alias
-- base: shop
-- change:
ALTER TABLE products ALTER COLUMN stock TYPE int4, ALTER COLUMN vat SET DATA TYPE decimal(4, 2);
