-- case: b-fk-validate-after-small-lock
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers (id) NOT VALID;
-- change:
ALTER TABLE settings ADD COLUMN changed_at timestamptz;
ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_fk;
