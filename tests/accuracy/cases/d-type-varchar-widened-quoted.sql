-- case: d-type-varchar-widened-quoted
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ALTER COLUMN lang SET DATA TYPE character varying(35);
