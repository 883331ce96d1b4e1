-- case: c-drop-unused-index-concurrently
-- base: docs
-- change:
DROP INDEX CONCURRENTLY IF EXISTS "Library"."Documents_lang";
