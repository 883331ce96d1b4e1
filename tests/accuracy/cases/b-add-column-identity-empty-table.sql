-- case: b-add-column-identity-empty-table
-- base: ledger
-- given:
CREATE TABLE ledger.imports (name text NOT NULL, at timestamptz NOT NULL DEFAULT now());
GRANT SELECT, INSERT ON ledger.imports TO app;
-- change:
ALTER TABLE ledger.imports ADD COLUMN id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;
-- app:
INSERT INTO ledger.imports (name) VALUES ('bank');
