-- case: generated-expression-dropped
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ALTER COLUMN length DROP EXPRESSION;
