-- case: d-fk-not-valid-and-validate-apart-quoted
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ADD CONSTRAINT "Author exists" FOREIGN KEY ("Author") REFERENCES "Library"."Authors" ("Id") NOT VALID;
ALTER TABLE "Library"."Documents" VALIDATE CONSTRAINT "Author exists";
