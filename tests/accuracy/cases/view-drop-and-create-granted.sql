-- case: view-drop-and-create-granted
-- base: shop
-- change:
DROP VIEW active_customers;
CREATE VIEW active_customers AS SELECT id, email, name, phone FROM customers WHERE is_active;
GRANT SELECT ON active_customers TO app;
