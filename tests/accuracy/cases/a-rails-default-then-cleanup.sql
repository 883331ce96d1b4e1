-- case: a-rails-default-then-cleanup
-- base: shop
-- change:
BEGIN;
ALTER TABLE "orders" ALTER COLUMN "channel" SET DEFAULT 'web_shop';
UPDATE "orders" SET "channel" = 'web_shop' WHERE "orders"."channel" IS NULL;
COMMIT;
