-- case: table-rename-behind-view-without-grant
-- base: shop
-- change:
ALTER TABLE orders RENAME TO purchases;
CREATE VIEW orders AS SELECT * FROM purchases;
