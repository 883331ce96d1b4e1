-- case: index-drop-concurrently
-- base: shop
-- change:
DROP INDEX CONCURRENTLY IF EXISTS orders_placed_idx;
