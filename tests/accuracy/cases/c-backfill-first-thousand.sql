-- case: c-backfill-first-thousand
-- base: shop
-- change:
UPDATE orders SET channel = 'web' WHERE id BETWEEN 1 AND 800 AND channel IS NULL;
