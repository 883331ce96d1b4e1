-- case: c-column-committed-then-first-batch
-- base: shop
-- change:
BEGIN;
ALTER TABLE orders ADD COLUMN region text;
COMMIT;
UPDATE orders SET region = 'north' WHERE id <= 500 AND region IS NULL;
