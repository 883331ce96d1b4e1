-- case: b-fk-not-valid-orphan-writer
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ADD CONSTRAINT "Documents_Author_fk"
    FOREIGN KEY ("Author") REFERENCES "Library"."Authors" ("Id") NOT VALID;
-- app:
INSERT INTO "Library"."Documents" ("Author", title, body) VALUES (0, 'Anonymous', 'B');
