-- case: column-drop-and-add
-- base: shop
-- change:
ALTER TABLE customers DROP COLUMN score, ADD COLUMN score bigint;
