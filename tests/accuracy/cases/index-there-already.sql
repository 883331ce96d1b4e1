-- case: index-there-already
-- base: shop
-- change:
CREATE INDEX IF NOT EXISTS orders_placed_idx ON orders (placed_at);
