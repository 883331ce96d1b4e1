-- case: not-null-refuses-application
-- base: shop
-- change:
ALTER TABLE orders ALTER COLUMN ext_ref SET NOT NULL;
