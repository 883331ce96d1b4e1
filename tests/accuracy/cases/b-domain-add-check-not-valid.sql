-- case: b-domain-add-check-not-valid
-- base: ledger
-- change:
ALTER DOMAIN ledger.account_code ADD CONSTRAINT code_begins_with_letter CHECK (VALUE ~ '^A') NOT VALID;
