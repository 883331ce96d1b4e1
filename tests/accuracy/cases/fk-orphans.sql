-- case: fk-orphans
-- base: shop
-- rows:
INSERT INTO orders (customer_id, total) VALUES (777777, 1);
-- change:
ALTER TABLE orders ADD FOREIGN KEY (customer_id) REFERENCES customers (id);
