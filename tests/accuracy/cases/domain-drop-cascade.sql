-- case: domain-drop-cascade
-- base: ledger
-- change:
DROP DOMAIN ledger.remark CASCADE;
