-- case: table-rename-behind-view
-- base: shop
-- change:
ALTER TABLE orders RENAME TO purchases;
CREATE VIEW orders AS SELECT * FROM purchases;
GRANT SELECT, INSERT, UPDATE, DELETE ON orders TO app;
