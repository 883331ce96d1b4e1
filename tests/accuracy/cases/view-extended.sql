-- case: view-extended
-- base: shop
-- change:
CREATE OR REPLACE VIEW active_customers AS SELECT id, email, name, phone, country FROM customers WHERE is_active;
