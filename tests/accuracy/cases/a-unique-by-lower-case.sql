-- case: a-unique-by-lower-case
-- base: shop
-- change:
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS customers_email_lower_key ON customers (lower(email));
ALTER TABLE customers DROP CONSTRAINT IF EXISTS customers_email_key;
