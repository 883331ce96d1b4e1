-- case: domain-not-null-refuses-application
-- base: ledger
-- change:
ALTER DOMAIN ledger.remark SET NOT NULL;
