-- case: type-timestamptz-finer
-- base: ledger
-- change:
ALTER TABLE ledger.entries ALTER COLUMN booked_at TYPE timestamptz(6);
