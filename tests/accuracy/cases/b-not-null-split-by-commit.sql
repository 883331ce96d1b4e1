-- case: b-not-null-split-by-commit
-- base: shop
-- change:
BEGIN;
ALTER TABLE orders ADD CONSTRAINT orders_channel_there CHECK (channel IS NOT NULL) NOT VALID;
COMMIT;
BEGIN;
ALTER TABLE orders VALIDATE CONSTRAINT orders_channel_there;
COMMIT;
BEGIN;
ALTER TABLE orders ALTER COLUMN channel SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT orders_channel_there;
COMMIT;
