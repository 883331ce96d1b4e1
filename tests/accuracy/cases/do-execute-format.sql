-- case: do-execute-format
-- base: shop
-- change:
DO $do$
DECLARE t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['orders', 'customers'] LOOP
        EXECUTE format('CREATE INDEX %I ON %I (id)', t || '_by_id', t);
    END LOOP;
END
$do$;
