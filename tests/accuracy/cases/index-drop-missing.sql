-- case: index-drop-missing
-- base: shop
-- change:
DROP INDEX IF EXISTS orders_never_there_idx;
