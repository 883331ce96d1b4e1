-- case: type-array-of-text
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ALTER tags TYPE text[];
