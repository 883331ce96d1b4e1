-- case: d-batches-with-commit
-- base: ledger
-- change:
DO $$
DECLARE
    step integer;
BEGIN
    FOR step IN 0..23 LOOP
        UPDATE ledger.entries SET reversed = coalesce(reversed, false) WHERE id > step * 500 AND id <= (step + 1) * 500;
        COMMIT;
    END LOOP;
END $$;
