-- case: c-reference-shortened
-- base: ledger
-- change:
ALTER TABLE ledger.entries ALTER COLUMN reference TYPE varchar(20);
