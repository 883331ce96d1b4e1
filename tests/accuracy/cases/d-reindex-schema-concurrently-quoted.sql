-- case: d-reindex-schema-concurrently-quoted
-- base: docs
-- change:
REINDEX (CONCURRENTLY) SCHEMA "Library";
