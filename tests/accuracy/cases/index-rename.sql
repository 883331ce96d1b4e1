-- case: index-rename
-- base: shop
-- change:
ALTER INDEX orders_placed_idx RENAME TO orders_placed_at_idx;
