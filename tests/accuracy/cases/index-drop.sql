-- case: index-drop
-- base: shop
-- change:
DROP INDEX orders_placed_idx;
