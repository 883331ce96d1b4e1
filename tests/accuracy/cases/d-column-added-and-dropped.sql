-- case: d-column-added-and-dropped
-- base: shop
-- change:
BEGIN;
ALTER TABLE products ADD COLUMN scratch integer;
ALTER TABLE products DROP COLUMN scratch;
COMMIT;
