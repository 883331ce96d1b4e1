-- case: column-rename
-- base: shop
-- change:
ALTER TABLE orders RENAME COLUMN note TO remark;
