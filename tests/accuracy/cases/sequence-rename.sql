-- case: sequence-rename
-- base: shop
-- change:
ALTER SEQUENCE orders_id_seq RENAME TO order_numbers;
