-- case: domain-rule-unused
-- base: ledger
-- given:
CREATE DOMAIN ledger.rate AS numeric;
-- change:
ALTER DOMAIN ledger.rate ADD CHECK (VALUE >= 0);
