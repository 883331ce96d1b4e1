-- case: a-column-for-each-tenant
-- base: tenants
-- change:
DO $do$
DECLARE
    tenant name;
BEGIN
    FOR tenant IN
        SELECT n.nspname FROM pg_namespace n JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = 'people'
        WHERE n.nspname <> 'public' ORDER BY 1
    LOOP
        EXECUTE format('ALTER TABLE %I.people ADD COLUMN IF NOT EXISTS avatar_url text', tenant);
        RAISE NOTICE 'done: %', tenant;
    END LOOP;
END
$do$;
