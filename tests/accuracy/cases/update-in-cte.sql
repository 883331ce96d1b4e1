-- case: update-in-cte
-- base: ledger
-- change:
WITH moved AS (
    UPDATE ledger.entries SET reversed = false WHERE reversed IS NOT NULL RETURNING id
)
INSERT INTO ledger.closed_years SELECT 1999, count(*) FROM moved;
