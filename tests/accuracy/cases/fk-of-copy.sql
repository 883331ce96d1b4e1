-- case: fk-of-copy
-- base: shop
-- change:
CREATE TABLE shipments AS SELECT id AS order_id, customer_id FROM orders WHERE state = 'shipped';
ALTER TABLE shipments ADD FOREIGN KEY (customer_id) REFERENCES customers (id);
