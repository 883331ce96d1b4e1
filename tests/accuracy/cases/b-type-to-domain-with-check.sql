-- case: b-type-to-domain-with-check
-- base: docs
-- given:
CREATE DOMAIN "Library".headline AS text CHECK (VALUE <> '');
-- change:
ALTER TABLE "Library"."Documents" ALTER COLUMN title TYPE "Library".headline;
