-- case: d-rename-table-quoted-with-compat-view
-- base: docs
-- change:
BEGIN;
ALTER TABLE "Library"."Authors" RENAME TO "People";
CREATE VIEW "Library"."Authors" AS SELECT * FROM "Library"."People";
GRANT SELECT ON "Library"."Authors" TO app;
COMMIT;
