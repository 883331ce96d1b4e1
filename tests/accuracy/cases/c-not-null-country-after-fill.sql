-- case: c-not-null-country-after-fill
-- base: shop
-- change:
UPDATE customers SET country = 'NO' WHERE country IS NULL;
ALTER TABLE customers ALTER COLUMN country SET NOT NULL;
-- app instead:
SELECT email, country FROM customers WHERE id = 3;
INSERT INTO customers (email, name, country) VALUES ('x@example.org', 'X', 'SE');
