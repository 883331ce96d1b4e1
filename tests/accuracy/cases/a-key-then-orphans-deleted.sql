-- case: a-key-then-orphans-deleted
-- base: docs
-- change:
BEGIN;
ALTER TABLE "Library"."Documents"
    ADD CONSTRAINT documents_author_fk FOREIGN KEY ("Author") REFERENCES "Library"."Authors" ("Id") NOT VALID;
DELETE FROM "Library"."Documents" d
    WHERE NOT EXISTS (SELECT 1 FROM "Library"."Authors" a WHERE a."Id" = d."Author");
COMMIT;
