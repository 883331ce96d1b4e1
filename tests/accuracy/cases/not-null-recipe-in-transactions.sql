-- case: not-null-recipe-in-transactions
-- base: shop
-- change:
BEGIN;
ALTER TABLE orders ADD CONSTRAINT tmp_channel CHECK (channel IS NOT NULL) NOT VALID;
COMMIT;
ALTER TABLE orders VALIDATE CONSTRAINT tmp_channel;
BEGIN;
ALTER TABLE orders ALTER channel SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT tmp_channel;
COMMIT;
