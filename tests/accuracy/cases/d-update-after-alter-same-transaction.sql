-- case: d-update-after-alter-same-transaction
-- base: ledger
-- change:
BEGIN;
ALTER TABLE ledger.accounts ADD COLUMN region text;
UPDATE ledger.entries SET reversed = false;
COMMIT;
