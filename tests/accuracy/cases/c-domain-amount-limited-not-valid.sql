-- case: c-domain-amount-limited-not-valid
-- base: ledger
-- change:
ALTER DOMAIN ledger.amount ADD CONSTRAINT amount_sane CHECK (VALUE < 1000000000) NOT VALID;
