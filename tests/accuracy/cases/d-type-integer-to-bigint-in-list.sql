-- case: d-type-integer-to-bigint-in-list
-- base: shop
-- change:
ALTER TABLE orders
    ALTER COLUMN note TYPE varchar(200),
    ALTER COLUMN qty TYPE int8;
