-- case: index-rebuilt-by-hand
-- base: shop
-- change:
DROP INDEX orders_placed_idx;
CREATE INDEX orders_placed_idx ON orders (placed_at DESC);
