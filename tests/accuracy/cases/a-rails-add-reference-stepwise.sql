-- case: a-rails-add-reference-stepwise
-- base: shop
-- given:
CREATE TABLE warehouses (id bigserial PRIMARY KEY, city character varying NOT NULL);
GRANT SELECT ON warehouses TO app;
-- rows:
INSERT INTO warehouses (city) SELECT 'City ' || n FROM generate_series(1, 1500) n;
-- change:
SET lock_timeout = '5s';
ALTER TABLE "products" ADD COLUMN "warehouse_id" bigint;
CREATE INDEX CONCURRENTLY "index_products_on_warehouse_id" ON "products" ("warehouse_id");
ALTER TABLE "products" ADD CONSTRAINT "fk_rails_2f8d1e0b3c" FOREIGN KEY ("warehouse_id") REFERENCES "warehouses" ("id") NOT VALID;
ALTER TABLE "products" VALIDATE CONSTRAINT "fk_rails_2f8d1e0b3c";
