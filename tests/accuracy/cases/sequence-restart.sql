-- case: sequence-restart
-- base: shop
-- change:
ALTER SEQUENCE orders_id_seq RESTART WITH 1;
