-- case: a-backfill-by-committing-block
-- base: shop
-- change:
DO $$
DECLARE
    low bigint := 0;
    top bigint := (SELECT max(id) FROM customers);
BEGIN
    WHILE low < top LOOP
        UPDATE customers SET locale = 'nb-NO' WHERE id > low AND id <= low + 400 AND locale = 'nb';
        low := low + 400;
        COMMIT;
    END LOOP;
END
$$;
