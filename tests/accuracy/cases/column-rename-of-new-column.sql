-- case: column-rename-of-new-column
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN remark text;
ALTER TABLE orders RENAME COLUMN remark TO remarks;
