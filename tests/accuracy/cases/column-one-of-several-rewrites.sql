-- case: column-one-of-several-rewrites
-- base: shop
-- change:
ALTER TABLE orders
    ALTER COLUMN note SET STATISTICS 200,
    ADD COLUMN opened boolean DEFAULT true,
    ADD COLUMN opened_at timestamptz DEFAULT timeofday()::timestamptz;
