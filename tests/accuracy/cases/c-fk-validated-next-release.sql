-- case: c-fk-validated-next-release
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_customer_fk
    FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
-- change:
ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_fk;
ANALYZE orders;
