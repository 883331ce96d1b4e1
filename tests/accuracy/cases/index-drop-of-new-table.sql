-- case: index-drop-of-new-table
-- base: shop
-- change:
CREATE TABLE carts (id bigint PRIMARY KEY, owner bigint);
CREATE INDEX carts_owner_idx ON carts (owner);
DROP INDEX carts_owner_idx;
