-- case: d-index-concurrently-after-timeouts
-- base: shop
-- change:
SET lock_timeout = '2s';
SET statement_timeout = 0;
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_customer_idx ON ONLY public.orders (customer_id);
RESET lock_timeout;
