-- case: a-totals-view-exchanged
-- base: shop
-- change:
BEGIN;
CREATE MATERIALIZED VIEW customer_totals_v2 AS
    SELECT customer_id, count(*) AS orders, sum(total) AS total, max(placed_at) AS latest
    FROM orders GROUP BY customer_id;
CREATE UNIQUE INDEX customer_totals_customer_key ON customer_totals_v2 (customer_id);
GRANT SELECT ON customer_totals_v2 TO app;
DROP MATERIALIZED VIEW customer_totals;
ALTER MATERIALIZED VIEW customer_totals_v2 RENAME TO customer_totals;
COMMIT;
