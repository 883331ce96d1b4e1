-- case: a-typeorm-column-length
-- given:
CREATE TABLE "customer_entity" (
    "id" uuid NOT NULL DEFAULT gen_random_uuid(),
    "name" character varying(100) NOT NULL,
    "vatNumber" character varying(20),
    CONSTRAINT "PK_5f1f9d1c2b" PRIMARY KEY ("id")
);
GRANT SELECT, INSERT, UPDATE ON "customer_entity" TO app;
-- rows:
INSERT INTO "customer_entity" ("name", "vatNumber") SELECT 'Customer ' || n, 'NO' || n FROM generate_series(1, 3000) n;
-- change:
START TRANSACTION;
ALTER TABLE "customer_entity" DROP COLUMN "vatNumber";
ALTER TABLE "customer_entity" ADD "vatNumber" character varying(32);
COMMIT;
-- app:
SELECT "name" FROM "customer_entity" WHERE "vatNumber" = 'NO77';
INSERT INTO "customer_entity" ("name", "vatNumber") VALUES ('New', 'NO9999');
