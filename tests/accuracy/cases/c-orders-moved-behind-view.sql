-- case: c-orders-moved-behind-view
-- base: shop
-- change:
CREATE SCHEMA sales;
ALTER TABLE orders SET SCHEMA sales;
CREATE VIEW public.orders AS SELECT * FROM sales.orders;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.orders TO app;
