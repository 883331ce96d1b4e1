-- case: b-add-column-domain-with-check
-- base: ledger
-- change:
ALTER TABLE ledger.entries ADD COLUMN fee ledger.amount;
