-- case: grants
-- base: shop
-- change:
GRANT SELECT ON orders, customers TO report;
GRANT UPDATE (value) ON settings TO app;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO report;
