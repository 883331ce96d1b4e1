-- case: b-type-timestamp-indexed-utc
-- base: shop
-- change:
BEGIN;
SET LOCAL timezone = 'UTC';
ALTER TABLE orders ALTER COLUMN placed_at TYPE timestamptz;
COMMIT;
