-- case: d-index-quoted-table
-- base: docs
-- change:
create index "Documents by Author" on "Library"."Documents"("Author");
