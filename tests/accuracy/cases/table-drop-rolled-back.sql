-- case: table-drop-rolled-back
-- base: ledger
-- change:
BEGIN;
SAVEPOINT before;
DROP TABLE ledger.closed_years;
ROLLBACK TO before;
COMMIT;
