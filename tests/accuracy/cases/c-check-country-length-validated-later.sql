-- case: c-check-country-length-validated-later
-- base: shop
-- change:
BEGIN;
ALTER TABLE customers ADD CONSTRAINT customers_country_ok CHECK (length(country) = 2) NOT VALID;
COMMIT;
BEGIN;
ALTER TABLE customers VALIDATE CONSTRAINT customers_country_ok;
COMMIT;
