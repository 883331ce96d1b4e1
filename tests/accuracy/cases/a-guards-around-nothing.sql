-- case: a-guards-around-nothing
-- base: shop
-- change:
ALTER TABLE IF EXISTS legacy_orders ADD CONSTRAINT legacy_orders_total_ok CHECK (total >= 0);
ALTER TABLE IF EXISTS order_archive ALTER COLUMN id TYPE bigint;
DROP TABLE IF EXISTS legacy_orders, legacy_customers CASCADE;
DROP VIEW IF EXISTS active_customers_old;
DROP INDEX IF EXISTS idx_orders_old;
DROP FUNCTION IF EXISTS discount(text);
DROP SCHEMA IF EXISTS staging CASCADE;
DROP TYPE IF EXISTS order_state_old;
