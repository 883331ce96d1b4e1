-- case: b-sequence-restart-low
-- base: shop
-- change:
ALTER SEQUENCE customers_id_seq RESTART WITH 4000;
