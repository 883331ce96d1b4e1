-- case: index-unique-own-transaction
-- base: shop
-- change:
BEGIN;
SET LOCAL lock_timeout = '2s';
CREATE UNIQUE INDEX IF NOT EXISTS "orders_ext_ref_key" ON "public"."orders" ("ext_ref");
COMMIT;
