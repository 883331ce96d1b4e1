-- case: domain-rule-validate
-- base: ledger
-- earlier:
ALTER DOMAIN ledger.amount ADD CONSTRAINT amount_sane CHECK (VALUE < 100000) NOT VALID;
-- change:
ALTER DOMAIN ledger.amount VALIDATE CONSTRAINT amount_sane;
