-- case: reindex-schema
-- base: ledger
-- change:
REINDEX SCHEMA ledger;
