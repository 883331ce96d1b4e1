-- case: not-null-after-validated-check
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_channel_there CHECK (channel IS NOT NULL) NOT VALID;
-- earlier:
ALTER TABLE orders VALIDATE CONSTRAINT orders_channel_there;
-- change:
ALTER TABLE orders ALTER COLUMN channel SET NOT NULL;
