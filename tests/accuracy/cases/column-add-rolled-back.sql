-- case: column-add-rolled-back
-- base: shop
-- change:
BEGIN;
ALTER TABLE orders ADD COLUMN tried integer;
ROLLBACK;
