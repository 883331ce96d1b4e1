-- case: type-several-free
-- base: shop
-- change:
ALTER TABLE orders
    ALTER COLUMN note TYPE text,
    ALTER COLUMN ext_ref TYPE varchar,
    ALTER COLUMN note SET STORAGE EXTERNAL;
