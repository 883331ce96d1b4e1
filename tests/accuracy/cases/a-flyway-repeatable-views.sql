-- case: a-flyway-repeatable-views
-- base: shop
-- change:
-- R__reporting_views.sql
CREATE OR REPLACE VIEW active_customers AS
    SELECT id, email, name, upper(country) AS country_code, created_at::date AS since
    FROM customers WHERE is_active;

CREATE OR REPLACE VIEW orders_by_day AS
    SELECT placed_at::date AS day, state, count(*) AS orders, sum(total) AS total
    FROM orders GROUP BY 1, 2;

COMMENT ON VIEW orders_by_day IS 'For the dashboard.';
GRANT SELECT ON orders_by_day TO report;
