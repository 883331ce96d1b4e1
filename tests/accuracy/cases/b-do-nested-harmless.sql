-- case: b-do-nested-harmless
-- base: tenants
-- change:
DO $outer$
BEGIN
    EXECUTE $inner$
        DO $body$
        BEGIN
            ALTER TABLE acme.people ADD COLUMN joined_by text DEFAULT 'import';
        END
        $body$
    $inner$;
EXCEPTION
    WHEN duplicate_column THEN
        RAISE NOTICE 'it is there';
END
$outer$;
