-- case: b-matview-recreated-with-grant
-- base: shop
-- change:
DROP MATERIALIZED VIEW customer_totals;
CREATE MATERIALIZED VIEW customer_totals AS
    SELECT customer_id, count(*) AS orders, sum(total) AS total, max(placed_at) AS latest
    FROM orders GROUP BY customer_id;
GRANT SELECT ON customer_totals TO app;
