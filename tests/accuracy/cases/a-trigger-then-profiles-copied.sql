-- case: a-trigger-then-profiles-copied
-- base: tenants
-- change:
BEGIN;
CREATE TABLE acme.profiles (person_id integer PRIMARY KEY, full_name text, updated timestamptz NOT NULL DEFAULT now());
CREATE FUNCTION acme.keep_profile() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO acme.profiles (person_id, full_name) VALUES (NEW.id, NEW.full_name)
        ON CONFLICT (person_id) DO UPDATE SET full_name = excluded.full_name, updated = now();
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_profile AFTER INSERT OR UPDATE ON acme.people FOR EACH ROW EXECUTE FUNCTION acme.keep_profile();
-- Nobody may slip through between the trigger and the copy.
INSERT INTO acme.profiles (person_id, full_name) SELECT id, full_name FROM acme.people ON CONFLICT DO NOTHING;
COMMIT;
