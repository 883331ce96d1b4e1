-- case: fk-drop
-- base: shop
-- change:
ALTER TABLE order_lines DROP CONSTRAINT order_lines_product_fk;
