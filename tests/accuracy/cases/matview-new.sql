-- case: matview-new
-- base: shop
-- change:
CREATE MATERIALIZED VIEW product_sales AS SELECT product_id, sum(quantity) AS sold FROM order_lines GROUP BY product_id;
CREATE UNIQUE INDEX product_sales_key ON product_sales (product_id);
REFRESH MATERIALIZED VIEW product_sales;
GRANT SELECT ON product_sales TO app;
