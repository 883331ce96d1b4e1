-- case: view-drop
-- base: shop
-- change:
DROP VIEW active_customers;
