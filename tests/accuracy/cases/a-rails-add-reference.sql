-- case: a-rails-add-reference
-- base: shop
-- given:
CREATE TABLE warehouses (id bigserial PRIMARY KEY, city character varying NOT NULL);
CREATE TABLE schema_migrations (version character varying NOT NULL PRIMARY KEY);
GRANT SELECT ON warehouses TO app;
-- change:
BEGIN;
ALTER TABLE "products" ADD "warehouse_id" bigint;
CREATE INDEX "index_products_on_warehouse_id" ON "products" ("warehouse_id");
ALTER TABLE "products" ADD CONSTRAINT "fk_rails_2f8d1e0b3c" FOREIGN KEY ("warehouse_id") REFERENCES "warehouses" ("id");
INSERT INTO "schema_migrations" ("version") VALUES ('20240611083012') RETURNING "version";
COMMIT;
