-- case: b-set-logged-of-logged
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" SET LOGGED;
ALTER TABLE "Library"."Documents" REPLICA IDENTITY FULL;
ALTER TABLE "Library"."Documents" ALTER COLUMN body SET STORAGE EXTERNAL, ALTER COLUMN body SET COMPRESSION pglz;
