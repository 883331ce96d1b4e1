-- case: column-of-domain-with-rule
-- base: ledger
-- change:
ALTER TABLE ledger.entries ADD COLUMN fee ledger.amount;
