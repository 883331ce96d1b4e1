-- case: index-rename-as-table
-- base: shop
-- change:
ALTER TABLE orders_placed_idx RENAME TO orders_placed_at_idx;
