-- case: b-type-domain-to-its-base
-- base: ledger
-- change:
BEGIN;
SET LOCAL search_path = ledger, public;
ALTER TABLE entries ALTER COLUMN text TYPE text;
ALTER TABLE accounts ALTER COLUMN title TYPE remark;
COMMIT;
