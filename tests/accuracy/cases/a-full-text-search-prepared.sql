-- case: a-full-text-search-prepared
-- base: docs
-- change:
ALTER TABLE "Library"."Documents" ADD COLUMN IF NOT EXISTS "searchVector" tsvector;

CREATE OR REPLACE FUNCTION "Library"."documentsSearch"() RETURNS trigger LANGUAGE plpgsql AS $function$
BEGIN
    NEW."searchVector" := setweight(to_tsvector('simple', NEW.title), 'A') || to_tsvector('simple', NEW.body);
    RETURN NEW;
END;
$function$;

DROP TRIGGER IF EXISTS "documentsSearch" ON "Library"."Documents";
CREATE TRIGGER "documentsSearch" BEFORE INSERT OR UPDATE OF title, body ON "Library"."Documents"
    FOR EACH ROW EXECUTE FUNCTION "Library"."documentsSearch"();

CREATE INDEX CONCURRENTLY IF NOT EXISTS "Documents_searchVector" ON "Library"."Documents" USING gin ("searchVector");
