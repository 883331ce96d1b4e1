-- case: d-comment-and-statistics-then-count
-- base: shop
-- change:
BEGIN;
COMMENT ON TABLE orders IS 'one row an order';
ALTER TABLE orders ALTER COLUMN state SET STATISTICS 300;
ALTER TABLE orders SET (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.05);
ANALYZE orders;
COMMIT;
