-- case: index-of-renamed-new-table
-- base: shop
-- change:
CREATE TABLE returns_draft (id bigint PRIMARY KEY, order_id bigint);
ALTER TABLE returns_draft RENAME TO returns;
ALTER TABLE returns RENAME order_id TO order_number;
CREATE INDEX ON returns (order_number);
