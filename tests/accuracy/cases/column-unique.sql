-- case: column-unique
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN nickname text UNIQUE;
