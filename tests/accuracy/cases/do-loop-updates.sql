-- case: do-loop-updates
-- base: shop
-- change:
DO $$
DECLARE
    c record;
BEGIN
    FOR c IN SELECT id FROM customers LOOP
        UPDATE customers SET locale = 'nb' WHERE id = c.id;
    END LOOP;
END
$$;
