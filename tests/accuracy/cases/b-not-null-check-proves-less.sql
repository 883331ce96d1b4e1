-- case: b-not-null-check-proves-less
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_ref_ok CHECK (ext_ref <> '' OR note IS NOT NULL) NOT VALID;
ALTER TABLE orders ADD CONSTRAINT orders_channel_ok CHECK (length(channel) > 0) NOT VALID;
-- earlier:
ALTER TABLE orders VALIDATE CONSTRAINT orders_channel_ok;
-- change:
ALTER TABLE orders ALTER COLUMN channel SET NOT NULL;
