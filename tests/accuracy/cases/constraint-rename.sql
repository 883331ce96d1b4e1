-- case: constraint-rename
-- base: shop
-- change:
ALTER TABLE order_lines RENAME CONSTRAINT order_lines_quantity_ok TO quantity_positive;
