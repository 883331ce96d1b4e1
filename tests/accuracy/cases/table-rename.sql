-- case: table-rename
-- base: shop
-- change:
ALTER TABLE orders RENAME TO purchases;
