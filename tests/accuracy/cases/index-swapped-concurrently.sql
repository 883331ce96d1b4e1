-- case: index-swapped-concurrently
-- base: shop
-- change:
CREATE INDEX CONCURRENTLY orders_placed_new ON orders (placed_at DESC);
DROP INDEX CONCURRENTLY orders_placed_idx;
ALTER INDEX orders_placed_new RENAME TO orders_placed_idx;
