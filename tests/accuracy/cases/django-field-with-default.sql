-- case: django-field-with-default
-- base: shop
-- change:
BEGIN;
ALTER TABLE "customers" ADD COLUMN "level" integer DEFAULT 0 NOT NULL;
ALTER TABLE "customers" ALTER COLUMN "level" DROP DEFAULT;
COMMIT;
