-- case: index-if-table-not-exists-new
-- base: shop
-- change:
CREATE TABLE IF NOT EXISTS parcels (id bigint PRIMARY KEY, order_id bigint NOT NULL, weight integer);
CREATE INDEX IF NOT EXISTS parcels_order_idx ON parcels (order_id);
