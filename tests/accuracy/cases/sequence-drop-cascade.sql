-- case: sequence-drop-cascade
-- base: shop
-- change:
DROP SEQUENCE orders_id_seq CASCADE;
