-- case: reindex-index
-- base: ledger
-- change:
REINDEX (VERBOSE) INDEX ledger.entries_reference_idx;
