-- given:
CREATE SCHEMA "Library";
CREATE TABLE "Library"."Authors" (
    "Id"        bigserial PRIMARY KEY,
    "Full Name" text NOT NULL,
    born        date
);
CREATE TABLE "Library"."Documents" (
    "Id"      bigserial PRIMARY KEY,
    "Author"  bigint NOT NULL,
    title     text NOT NULL,
    body      text NOT NULL,
    length    integer GENERATED ALWAYS AS (length(body)) STORED,
    lang      varchar(5) NOT NULL DEFAULT 'en',
    meta      json,
    tags      varchar(20)[],
    "Updated" timestamp with time zone
);
CREATE INDEX "Documents_lang" ON "Library"."Documents" (lang);
CREATE UNLOGGED TABLE "Library".cache (key text PRIMARY KEY, value text);
GRANT USAGE ON SCHEMA "Library" TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA "Library" TO app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA "Library" TO app;
-- rows:
INSERT INTO "Library"."Authors" ("Full Name") SELECT 'Author ' || n FROM generate_series(1, 1200) n;
INSERT INTO "Library"."Documents" ("Author", title, body, lang, meta, tags)
    SELECT n % 1200 + 1, 'Title ' || n, repeat('word ', n % 20), (ARRAY['en', 'nb', 'de'])[n % 3 + 1], '{"a": 1}', ARRAY['x', 'y']
    FROM generate_series(1, 7000) n;
INSERT INTO "Library".cache SELECT n, n FROM generate_series(1, 5000) n;
-- app:
SELECT "Id", "Full Name" FROM "Library"."Authors" WHERE "Id" = 9;
SELECT title, length, lang FROM "Library"."Documents" WHERE "Id" = 10;
SELECT count(*) FROM "Library"."Documents" WHERE lang = 'nb';
INSERT INTO "Library"."Documents" ("Author", title, body) VALUES (1, 'T', 'B') RETURNING length;
INSERT INTO "Library"."Documents" ("Author", title, body, lang, meta, tags) VALUES (1, 'T', 'B', 'nb', '{}', '{z}');
UPDATE "Library"."Documents" SET body = 'shorter', "Updated" = '2024-01-01' WHERE "Id" = 11;
SELECT value FROM "Library".cache WHERE key = '5';
