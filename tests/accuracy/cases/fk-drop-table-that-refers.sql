-- case: fk-drop-table-that-refers
-- base: shop
-- change:
DROP TABLE order_lines;
-- app instead:
INSERT INTO orders (customer_id, total) VALUES (1, 10.00);
