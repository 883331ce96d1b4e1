-- case: not-null-recipe-in-one-transaction
-- base: shop
-- change:
ALTER TABLE orders ADD CONSTRAINT tmp_channel CHECK (channel IS NOT NULL) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT tmp_channel;
ALTER TABLE orders ALTER channel SET NOT NULL;
ALTER TABLE orders DROP CONSTRAINT tmp_channel;
