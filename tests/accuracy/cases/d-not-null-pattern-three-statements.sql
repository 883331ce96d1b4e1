-- case: d-not-null-pattern-three-statements
-- base: shop
-- change:
ALTER TABLE orders ADD CONSTRAINT channel_known CHECK (channel IS NOT NULL) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT channel_known;
ALTER TABLE orders ALTER COLUMN channel SET NOT NULL;
