-- case: do-harmless
-- base: shop
-- change:
DO $$
DECLARE
    n integer;
BEGIN
    SELECT count(*) INTO n FROM settings;
    RAISE NOTICE 'DROP TABLE orders; -- % settings', n;
END
$$;
