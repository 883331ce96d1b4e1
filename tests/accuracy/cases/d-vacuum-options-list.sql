-- case: d-vacuum-options-list
-- base: ledger
-- change:
VACUUM (ANALYZE, FULL TRUE, VERBOSE FALSE) ledger.entries;
