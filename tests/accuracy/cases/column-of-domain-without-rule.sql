-- case: column-of-domain-without-rule
-- base: ledger
-- change:
ALTER TABLE ledger.entries ADD COLUMN memo ledger.remark DEFAULT 'none';
