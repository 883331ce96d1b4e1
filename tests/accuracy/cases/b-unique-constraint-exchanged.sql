-- case: b-unique-constraint-exchanged
-- base: shop
-- given:
CREATE UNIQUE INDEX customers_email_next ON customers (email);
-- change:
ALTER TABLE customers
    DROP CONSTRAINT customers_email_key,
    ADD CONSTRAINT customers_email_key UNIQUE USING INDEX customers_email_next;
-- app:
INSERT INTO customers (email, name) VALUES ('c19@example.org', 'Twice');
