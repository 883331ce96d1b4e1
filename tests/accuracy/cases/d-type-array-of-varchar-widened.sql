-- case: d-type-array-of-varchar-widened
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ALTER tags TYPE varchar(40)[];
