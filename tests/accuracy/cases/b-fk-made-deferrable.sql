-- case: b-fk-made-deferrable
-- base: shop
-- change:
ALTER TABLE order_lines ALTER CONSTRAINT order_lines_product_fk DEFERRABLE INITIALLY DEFERRED;
