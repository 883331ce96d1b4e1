-- case: several-harmless-additions
-- base: ledger
-- change:
CREATE TABLE ledger.currencies (code char(3) PRIMARY KEY, name text NOT NULL);
INSERT INTO ledger.currencies VALUES ('NOK', 'krone'), ('EUR', 'euro');
CREATE VIEW ledger.open_accounts AS SELECT id, code FROM ledger.accounts WHERE closed IS NULL;
CREATE FUNCTION ledger.is_open(a ledger.accounts) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT a.closed IS NULL';
CREATE TYPE ledger.kind AS ENUM ('asset', 'debt');
CREATE SEQUENCE ledger.numbers;
GRANT SELECT ON ledger.currencies, ledger.open_accounts TO app;
