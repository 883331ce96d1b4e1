-- case: type-of-column-of-generated
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ALTER body TYPE varchar(20000);
