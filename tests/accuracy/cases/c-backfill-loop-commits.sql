-- case: c-backfill-loop-commits
-- base: ledger
-- change:
DO $$
DECLARE
    low bigint := 0;
BEGIN
    WHILE low < 12000 LOOP
        UPDATE ledger.entries SET reversed = false WHERE id > low AND id <= low + 400;
        COMMIT;
        low := low + 400;
    END LOOP;
END
$$;
