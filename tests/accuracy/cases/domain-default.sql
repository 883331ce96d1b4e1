-- case: domain-default
-- base: ledger
-- change:
ALTER DOMAIN ledger.remark SET DEFAULT '';
COMMENT ON DOMAIN ledger.amount IS 'money';
