-- case: flyway-many-small-things
-- base: ledger
-- change:
ALTER TABLE ledger.accounts ADD COLUMN IF NOT EXISTS iban varchar(34);
ALTER TABLE ledger.accounts ALTER COLUMN title SET DEFAULT 'untitled';
ALTER TABLE ledger.accounts ADD CONSTRAINT iban_length CHECK (length(iban) >= 15) NOT VALID;
COMMENT ON COLUMN ledger.accounts.iban IS 'international number';
INSERT INTO ledger.accounts (id, code, title) VALUES (70001, 'X1', 'Suspense');
