-- case: sequence-rename-used
-- base: shop
-- change:
ALTER SEQUENCE products_id_seq RENAME TO product_numbers;
-- app:
SELECT nextval('products_id_seq') > 0;
