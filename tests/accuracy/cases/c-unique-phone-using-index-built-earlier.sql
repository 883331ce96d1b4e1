-- case: c-unique-phone-using-index-built-earlier
-- base: shop
-- earlier:
CREATE UNIQUE INDEX CONCURRENTLY customers_phone_key ON customers (phone);
-- change:
ALTER TABLE customers ADD CONSTRAINT customers_phone_key UNIQUE USING INDEX customers_phone_key;
