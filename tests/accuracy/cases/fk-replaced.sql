-- case: fk-replaced
-- base: shop
-- change:
ALTER TABLE order_lines
    DROP CONSTRAINT order_lines_order_fk,
    ADD CONSTRAINT order_lines_order_fk FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE RESTRICT NOT VALID;
-- app instead:
SELECT order_id, quantity FROM order_lines WHERE id = 8;
INSERT INTO order_lines (order_id, product_id, quantity, price) VALUES (1, 2, 3, 4.5);
