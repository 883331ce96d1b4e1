-- case: a-lines-outlive-orders-no-more
-- base: shop
-- change:
BEGIN;
ALTER TABLE order_lines DROP CONSTRAINT order_lines_order_fk;
ALTER TABLE order_lines ADD CONSTRAINT order_lines_order_fk
    FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE RESTRICT NOT VALID;
COMMIT;
