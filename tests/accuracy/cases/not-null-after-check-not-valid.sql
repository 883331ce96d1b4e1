-- case: not-null-after-check-not-valid
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_channel_there CHECK (channel IS NOT NULL) NOT VALID;
-- change:
ALTER TABLE orders ALTER COLUMN channel SET NOT NULL;
