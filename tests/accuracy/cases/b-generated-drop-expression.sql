-- case: b-generated-drop-expression
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ALTER COLUMN length DROP EXPRESSION;
