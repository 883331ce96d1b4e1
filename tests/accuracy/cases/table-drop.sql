-- case: table-drop
-- base: ledger
-- change:
DROP TABLE ledger.closed_years;
