-- case: c-backfill-loop-in-block
-- base: shop
-- change:
DO $$
DECLARE
    low bigint := 0;
BEGIN
    WHILE low < 10000 LOOP
        UPDATE orders SET channel = 'web' WHERE id > low AND id <= low + 500;
        low := low + 500;
    END LOOP;
END
$$;
