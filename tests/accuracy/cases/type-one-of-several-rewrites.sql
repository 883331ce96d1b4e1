-- case: type-one-of-several-rewrites
-- base: shop
-- change:
ALTER TABLE orders
    ALTER COLUMN note TYPE text,
    ALTER COLUMN qty TYPE bigint;
