-- case: b-view-column-appended-invoker
-- base: shop
-- change:
CREATE OR REPLACE VIEW active_customers WITH (security_invoker = true, security_barrier = true) AS
    SELECT id, email, name, country FROM customers WHERE is_active;
