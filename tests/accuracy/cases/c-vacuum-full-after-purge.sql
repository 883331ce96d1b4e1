-- case: c-vacuum-full-after-purge
-- base: docs
-- change:
DELETE FROM "Library".cache WHERE value IS NULL;
VACUUM (FULL, ANALYZE) "Library".cache;
