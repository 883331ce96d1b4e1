-- case: django-foreign-key
-- base: shop
-- change:
BEGIN;
--
-- Add field owner to order
--
ALTER TABLE "orders" ADD COLUMN "owner_id" bigint NULL CONSTRAINT "orders_owner_id_fk" REFERENCES "customers"("id") DEFERRABLE INITIALLY DEFERRED; SET CONSTRAINTS "orders_owner_id_fk" IMMEDIATE;
CREATE INDEX "orders_owner_id_idx" ON "orders" ("owner_id");
COMMIT;
