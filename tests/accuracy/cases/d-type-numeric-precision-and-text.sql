-- case: d-type-numeric-precision-and-text
-- base: shop
-- change:
ALTER TABLE products
    ALTER COLUMN vat TYPE numeric(12,2),
    ALTER COLUMN title TYPE text,
    ALTER COLUMN sku TYPE varchar;
