-- case: d-index-on-table-of-pending-change
-- base: shop
-- earlier:
CREATE TABLE returns (id bigint PRIMARY KEY, order_id bigint NOT NULL, reason text);
-- change:
CREATE INDEX returns_order_idx ON returns (order_id);
ALTER TABLE returns ALTER COLUMN reason SET NOT NULL;
