-- case: c-search-vector-stored
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ADD COLUMN search tsvector
    GENERATED ALWAYS AS (to_tsvector('simple', title)) STORED;
