-- case: c-unique-phone
-- base: shop
-- change:
ALTER TABLE customers ADD CONSTRAINT customers_phone_key UNIQUE (phone);
