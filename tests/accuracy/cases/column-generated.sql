-- case: column-generated
-- base: shop
-- change:
ALTER TABLE order_lines ADD COLUMN sum numeric GENERATED ALWAYS AS (quantity * price) STORED;
