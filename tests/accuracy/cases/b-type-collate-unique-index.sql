-- case: b-type-collate-unique-index
-- base: shop
-- change:
ALTER TABLE products ALTER COLUMN sku TYPE text COLLATE "POSIX";
