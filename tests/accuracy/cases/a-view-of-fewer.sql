-- case: a-view-of-fewer
-- base: shop
-- change:
CREATE OR REPLACE VIEW active_customers AS
    SELECT id, email, name, score FROM customers WHERE is_active AND score > 50;
