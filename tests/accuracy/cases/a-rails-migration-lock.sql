-- case: a-rails-migration-lock
-- base: shop
-- given:
CREATE TABLE schema_migrations (version character varying NOT NULL PRIMARY KEY);
-- change:
SELECT pg_try_advisory_lock(2053462845);
BEGIN;
CREATE TABLE "gift_cards" ("id" bigserial primary key, "customer_id" bigint NOT NULL, "amount_cents" integer DEFAULT 0 NOT NULL, "created_at" timestamp(6) NOT NULL, "updated_at" timestamp(6) NOT NULL, CONSTRAINT "fk_rails_77aa0c1e54"
FOREIGN KEY ("customer_id")
  REFERENCES "customers" ("id")
);
CREATE INDEX "index_gift_cards_on_customer_id" ON "gift_cards" ("customer_id");
ALTER TABLE "customers" ADD "gift_cards_count" integer DEFAULT 0 NOT NULL;
INSERT INTO "schema_migrations" ("version") VALUES ('20240702101500') RETURNING "version";
COMMIT;
SELECT pg_advisory_unlock(2053462845);
