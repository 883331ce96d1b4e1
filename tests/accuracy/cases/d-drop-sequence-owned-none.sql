-- case: d-drop-sequence-owned-none
-- base: shop
-- given:
CREATE SEQUENCE invoice_numbers;
-- change:
DROP SEQUENCE invoice_numbers RESTRICT;
CREATE SEQUENCE IF NOT EXISTS orders_id_seq;
