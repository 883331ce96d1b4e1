-- case: b-temp-table-shadows
-- base: shop
-- change:
CREATE TEMPORARY TABLE orders AS SELECT * FROM public.orders;
UPDATE orders SET channel = 'unknown';
ALTER TABLE orders ALTER COLUMN channel SET NOT NULL;
CREATE TABLE orders_by_channel AS SELECT channel, count(*) AS number FROM orders GROUP BY channel;
DROP TABLE orders;
