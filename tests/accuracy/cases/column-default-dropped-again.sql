-- case: column-default-dropped-again
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN gift_wrap boolean NOT NULL DEFAULT false;
ALTER TABLE orders ALTER COLUMN gift_wrap DROP DEFAULT;
