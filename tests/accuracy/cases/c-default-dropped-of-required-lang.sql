-- case: c-default-dropped-of-required-lang
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ALTER COLUMN lang DROP DEFAULT;
