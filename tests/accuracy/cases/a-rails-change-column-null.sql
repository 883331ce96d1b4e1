-- case: a-rails-change-column-null
-- base: shop
-- change:
BEGIN;
UPDATE "customers" SET "country" = 'NO' WHERE "customers"."country" IS NULL;
ALTER TABLE "customers" ALTER COLUMN "country" SET NOT NULL;
COMMIT;
