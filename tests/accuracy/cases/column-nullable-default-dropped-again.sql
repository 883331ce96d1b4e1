-- case: column-nullable-default-dropped-again
-- base: shop
-- change:
BEGIN;
ALTER TABLE orders ADD COLUMN gift_wrap boolean DEFAULT false;
ALTER TABLE orders ALTER COLUMN gift_wrap DROP DEFAULT;
COMMIT;
