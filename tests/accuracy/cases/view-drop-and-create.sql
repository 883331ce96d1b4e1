-- case: view-drop-and-create
-- base: shop
-- change:
DROP VIEW IF EXISTS active_customers;
CREATE VIEW active_customers AS SELECT id, email, name, phone FROM customers WHERE is_active;
