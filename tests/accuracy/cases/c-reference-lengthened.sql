-- case: c-reference-lengthened
-- base: ledger
-- change:
ALTER TABLE ledger.entries ALTER COLUMN reference TYPE varchar(80);
