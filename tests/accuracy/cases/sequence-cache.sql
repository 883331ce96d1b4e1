-- case: sequence-cache
-- base: shop
-- change:
ALTER SEQUENCE orders_id_seq CACHE 20;
