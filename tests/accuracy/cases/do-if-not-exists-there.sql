-- case: do-if-not-exists-there
-- base: shop
-- change:
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'settings') THEN
        CREATE TABLE settings (key text PRIMARY KEY, value text);
    END IF;
END
$$;
