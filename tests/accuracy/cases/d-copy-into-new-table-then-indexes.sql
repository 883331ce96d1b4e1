-- case: d-copy-into-new-table-then-indexes
-- base: ledger
-- change:
CREATE TABLE ledger.entries_archive (LIKE ledger.entries INCLUDING DEFAULTS);
INSERT INTO ledger.entries_archive SELECT * FROM ledger.entries;
CREATE INDEX ON ledger.entries_archive (account_id);
ALTER TABLE ledger.entries_archive ADD PRIMARY KEY (id);
ALTER TABLE ledger.entries_archive ALTER reference TYPE text;
