-- case: quoted-keywords-new-table
-- base: shop
-- change:
CREATE TABLE "drop table orders" ("alter" integer PRIMARY KEY, "select" text DEFAULT 'DROP TABLE orders');
INSERT INTO "drop table orders" VALUES (1, $$ALTER TABLE orders SET UNLOGGED;$$), (2, E'it\'s; DROP TABLE orders');
ALTER TABLE "drop table orders" RENAME "alter" TO "create";
CREATE INDEX "concurrently" ON "drop table orders" ("create");
