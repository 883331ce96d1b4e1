-- case: view-column-removed
-- base: shop
-- change:
CREATE OR REPLACE VIEW active_customers AS SELECT id, email FROM customers WHERE is_active;
