-- case: cluster-mark-only
-- base: shop
-- change:
ALTER TABLE orders CLUSTER ON orders_placed_idx;
