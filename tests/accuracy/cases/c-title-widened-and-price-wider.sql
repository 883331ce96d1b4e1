-- case: c-title-widened-and-price-wider
-- base: shop
-- change:
ALTER TABLE products
    ALTER COLUMN title TYPE varchar(160),
    ALTER COLUMN vat TYPE numeric(6,2);
