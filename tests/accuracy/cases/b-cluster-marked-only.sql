-- case: b-cluster-marked-only
-- base: shop
-- change:
ALTER TABLE orders CLUSTER ON orders_placed_idx;
ALTER TABLE orders SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.01);
ALTER TABLE orders ALTER COLUMN state SET STATISTICS 500;
