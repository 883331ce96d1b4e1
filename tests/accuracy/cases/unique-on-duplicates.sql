-- case: unique-on-duplicates
-- base: shop
-- change:
ALTER TABLE customers ADD UNIQUE (score);
