-- case: a-unique-index-exchanged
-- base: shop
-- change:
CREATE UNIQUE INDEX CONCURRENTLY customers_email_key_new ON customers (email) WITH (fillfactor = 80);
ALTER TABLE customers
    DROP CONSTRAINT customers_email_key,
    ADD CONSTRAINT customers_email_key UNIQUE USING INDEX customers_email_key_new;
