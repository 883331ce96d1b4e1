-- case: not-null-after-check-with-and
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_channel_there CHECK (channel <> '' AND channel IS NOT NULL);
-- change:
ALTER TABLE orders ALTER COLUMN channel SET NOT NULL;
