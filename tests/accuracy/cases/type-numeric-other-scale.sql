-- case: type-numeric-other-scale
-- base: shop
-- change:
ALTER TABLE order_lines ALTER COLUMN price TYPE numeric(14,4);
-- app instead:
SELECT sum(price) > 4 FROM order_lines WHERE order_id = 42;
INSERT INTO order_lines (order_id, product_id, quantity, price) VALUES (1, 2, 3, 4.5);
