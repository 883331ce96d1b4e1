-- case: index-with-timeouts-two-tables
-- base: shop
-- change:
SET lock_timeout = '3s';
SET statement_timeout = '60s';
CREATE INDEX customers_name_idx ON customers (lower(name));
CREATE INDEX customers_created_idx ON customers (created_at DESC);
