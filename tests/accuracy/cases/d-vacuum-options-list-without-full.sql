-- case: d-vacuum-options-list-without-full
-- base: ledger
-- change:
VACUUM (ANALYZE, INDEX_CLEANUP ON, TRUNCATE FALSE, SKIP_LOCKED) ledger.entries;
