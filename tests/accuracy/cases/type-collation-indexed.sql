-- case: type-collation-indexed
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ALTER lang TYPE varchar(5) COLLATE "C";
