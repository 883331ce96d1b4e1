-- case: c-email-widened-under-view
-- base: shop
-- change:
DROP VIEW active_customers;
ALTER TABLE customers ALTER COLUMN email TYPE varchar(254);
CREATE VIEW active_customers AS SELECT id, email, name FROM customers WHERE is_active;
GRANT SELECT ON active_customers TO app;
