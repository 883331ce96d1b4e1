-- case: type-base-to-domain
-- base: ledger
-- change:
ALTER TABLE ledger.accounts ALTER title TYPE ledger.remark;
