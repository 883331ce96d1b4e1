-- case: type-json-to-jsonb
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ALTER COLUMN meta TYPE jsonb;
