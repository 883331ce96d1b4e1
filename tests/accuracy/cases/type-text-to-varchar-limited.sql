-- case: type-text-to-varchar-limited
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ALTER title TYPE varchar(500);
