-- case: c-refresh-totals-with-key
-- given:
CREATE TABLE sales (id bigint PRIMARY KEY, shop integer NOT NULL, amount numeric NOT NULL);
CREATE MATERIALIZED VIEW sales_by_shop AS SELECT shop, sum(amount) AS amount FROM sales GROUP BY shop;
CREATE UNIQUE INDEX sales_by_shop_key ON sales_by_shop (shop);
GRANT SELECT, INSERT ON sales TO app;
GRANT SELECT ON sales_by_shop TO app;
-- rows:
INSERT INTO sales SELECT n, n % 2000, 10 FROM generate_series(1, 6000) n;
REFRESH MATERIALIZED VIEW sales_by_shop;
-- change:
REFRESH MATERIALIZED VIEW CONCURRENTLY sales_by_shop;
-- app:
SELECT amount FROM sales_by_shop WHERE shop = 12;
