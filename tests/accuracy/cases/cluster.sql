-- case: cluster
-- base: shop
-- change:
CLUSTER orders USING orders_placed_idx;
