-- case: storage-logged
-- base: docs
-- change:
ALTER TABLE "Library".cache SET LOGGED;
