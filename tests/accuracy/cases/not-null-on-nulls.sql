-- case: not-null-on-nulls
-- base: shop
-- rows:
UPDATE customers SET country = NULL WHERE id = 3;
-- change:
ALTER TABLE customers ALTER COLUMN country SET NOT NULL;
