-- case: not-null-after-check-with-or
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_channel_there CHECK (channel IS NOT NULL OR total > 0);
-- change:
ALTER TABLE orders ALTER COLUMN channel SET NOT NULL;
