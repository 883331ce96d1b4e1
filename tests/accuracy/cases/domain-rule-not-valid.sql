-- case: domain-rule-not-valid
-- base: ledger
-- change:
ALTER DOMAIN ledger.amount ADD CONSTRAINT amount_sane CHECK (VALUE < 100000) NOT VALID;
