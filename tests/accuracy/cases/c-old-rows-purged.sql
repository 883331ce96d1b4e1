-- case: c-old-rows-purged
-- base: shop
-- change:
DELETE FROM orders WHERE placed_at < '2024-01-05';
