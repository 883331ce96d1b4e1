-- case: fk-made-deferrable
-- base: shop
-- change:
ALTER TABLE order_lines ALTER CONSTRAINT order_lines_order_fk DEFERRABLE INITIALLY DEFERRED;
