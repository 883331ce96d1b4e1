-- case: vacuum-in-transaction
-- base: shop
-- change:
BEGIN;
VACUUM orders;
COMMIT;
