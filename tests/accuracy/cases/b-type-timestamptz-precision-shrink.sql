-- case: b-type-timestamptz-precision-shrink
-- base: ledger
-- change:
ALTER TABLE ledger.entries ALTER COLUMN booked_at TYPE timestamptz(0);
-- app:
SELECT booked_at FROM ledger.entries WHERE id = 41;
