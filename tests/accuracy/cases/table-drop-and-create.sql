-- case: table-drop-and-create
-- base: ledger
-- change:
DROP TABLE IF EXISTS ledger.closed_years;
CREATE TABLE ledger.closed_years (year integer PRIMARY KEY, balance numeric(18,2) NOT NULL);
GRANT SELECT ON ledger.closed_years TO app;
