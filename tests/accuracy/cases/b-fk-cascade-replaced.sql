-- case: b-fk-cascade-replaced
-- base: shop
-- change:
ALTER TABLE order_lines
    DROP CONSTRAINT order_lines_order_fk,
    ADD CONSTRAINT order_lines_order_fk FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE RESTRICT NOT VALID;
