-- case: storage-of-column
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ALTER COLUMN body SET STORAGE EXTERNAL;
