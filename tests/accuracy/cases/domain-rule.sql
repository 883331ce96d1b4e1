-- case: domain-rule
-- base: ledger
-- change:
ALTER DOMAIN ledger.amount ADD CONSTRAINT amount_sane CHECK (VALUE < 100000);
