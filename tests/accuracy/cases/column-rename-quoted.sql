-- case: column-rename-quoted
-- base: docs
-- change:
ALTER TABLE "Library"."Authors" RENAME "Full Name" TO full_name;
