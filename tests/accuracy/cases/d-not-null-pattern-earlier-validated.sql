-- case: d-not-null-pattern-earlier-validated
-- base: shop
-- given:
ALTER TABLE orders ADD CONSTRAINT channel_there CHECK (channel IS NOT NULL) NOT VALID;
-- earlier:
ALTER TABLE orders VALIDATE CONSTRAINT channel_there;
-- change:
ALTER TABLE "public"."orders" ALTER COLUMN "channel" SET NOT NULL;
ALTER TABLE "public"."orders" DROP CONSTRAINT IF EXISTS "channel_there";
