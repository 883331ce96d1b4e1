-- case: unique-drop
-- base: shop
-- change:
ALTER TABLE customers DROP CONSTRAINT customers_email_key;
