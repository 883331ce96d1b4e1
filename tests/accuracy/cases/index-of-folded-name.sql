-- case: index-of-folded-name
-- base: shop
-- change:
CREATE TABLE "Orders" ("Id" bigint PRIMARY KEY, note text);
CREATE INDEX notes ON Orders (note);
