-- case: b-do-execute-format-loop
-- base: tenants
-- change:
DO $$
DECLARE
    tenant text;
BEGIN
    FOREACH tenant IN ARRAY ARRAY['acme', 'globex'] LOOP
        EXECUTE format('CREATE INDEX %I ON %I.people (login)', 'people_login_idx', tenant);
    END LOOP;
END
$$;
