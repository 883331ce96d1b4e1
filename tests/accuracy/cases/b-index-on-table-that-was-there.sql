-- case: b-index-on-table-that-was-there
-- base: shop
-- change:
CREATE TABLE IF NOT EXISTS customers (id bigint PRIMARY KEY, name text NOT NULL);
CREATE INDEX IF NOT EXISTS customers_name_idx ON customers (name);
