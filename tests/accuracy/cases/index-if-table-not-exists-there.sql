-- case: index-if-table-not-exists-there
-- base: shop
-- change:
CREATE TABLE IF NOT EXISTS orders (id bigint PRIMARY KEY, ext_ref text);
CREATE INDEX orders_ext_ref_idx ON orders (ext_ref);
