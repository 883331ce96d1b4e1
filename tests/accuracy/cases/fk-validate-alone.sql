-- case: fk-validate-alone
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_customer_fk FOREIGN KEY (customer_id) REFERENCES customers NOT VALID;
-- change:
ALTER TABLE orders VALIDATE CONSTRAINT orders_customer_fk;
