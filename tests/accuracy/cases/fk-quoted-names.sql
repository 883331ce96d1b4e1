-- case: fk-quoted-names
-- base: docs
-- change:
ALTER TABLE "Library"."Documents"
    ADD CONSTRAINT "Documents author" FOREIGN KEY ("Author") REFERENCES "Library"."Authors" ("Id") ON UPDATE CASCADE;
