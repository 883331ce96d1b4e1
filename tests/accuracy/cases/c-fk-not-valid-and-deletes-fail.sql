-- case: c-fk-not-valid-and-deletes-fail
-- base: shop
-- change:
ALTER TABLE orders ADD CONSTRAINT orders_customer_fk
    FOREIGN KEY (customer_id) REFERENCES customers (id) ON DELETE RESTRICT NOT VALID;
-- app:
DELETE FROM customers WHERE id = 42;
