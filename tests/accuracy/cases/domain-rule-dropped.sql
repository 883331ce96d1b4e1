-- case: domain-rule-dropped
-- base: ledger
-- change:
ALTER DOMAIN ledger.amount DROP CONSTRAINT amount_check;
