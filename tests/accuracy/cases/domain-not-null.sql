-- case: domain-not-null
-- base: ledger
-- change:
ALTER DOMAIN ledger.account_code SET NOT NULL;
