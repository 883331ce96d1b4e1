-- case: type-text-to-varchar
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ALTER title TYPE varchar;
