-- case: index-of-quoted-new-table
-- base: shop
-- change:
CREATE TABLE "Orders" ("Id" bigint PRIMARY KEY, "Note" text);
CREATE INDEX "Orders_Note" ON "Orders" ("Note");
