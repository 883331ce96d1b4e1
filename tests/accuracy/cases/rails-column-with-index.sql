-- case: rails-column-with-index
-- base: shop
-- change:
ALTER TABLE "orders" ADD "tracking" character varying;
CREATE INDEX "index_orders_on_tracking" ON "orders" ("tracking");
COMMENT ON COLUMN "orders"."tracking" IS 'of the carrier';
