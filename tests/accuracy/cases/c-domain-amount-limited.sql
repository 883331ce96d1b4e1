-- case: c-domain-amount-limited
-- base: ledger
-- change:
ALTER DOMAIN ledger.amount ADD CONSTRAINT amount_sane CHECK (VALUE < 1000000000);
