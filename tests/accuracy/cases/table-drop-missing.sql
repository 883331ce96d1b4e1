-- case: table-drop-missing
-- base: shop
-- change:
DROP TABLE IF EXISTS orders_backup_2019, "orders backup";
