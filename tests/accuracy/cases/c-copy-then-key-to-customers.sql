-- case: c-copy-then-key-to-customers
-- base: shop
-- change:
CREATE TABLE customer_phones AS
    SELECT id AS customer_id, phone FROM customers WHERE phone IS NOT NULL;
ALTER TABLE customer_phones ADD PRIMARY KEY (customer_id);
ALTER TABLE customer_phones ADD FOREIGN KEY (customer_id) REFERENCES customers (id);
GRANT SELECT, INSERT ON customer_phones TO app;
