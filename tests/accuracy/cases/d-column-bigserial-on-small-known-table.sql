-- case: d-column-bigserial-on-small-known-table
-- base: ledger
-- given:
CREATE TABLE ledger.currencies (code char(3) PRIMARY KEY, title text NOT NULL);
GRANT SELECT ON ledger.currencies TO app;
-- rows:
INSERT INTO ledger.currencies VALUES ('NOK', 'krone'), ('EUR', 'euro'), ('USD', 'dollar');
-- change:
ALTER TABLE ledger.currencies ADD COLUMN position bigserial;
-- app:
SELECT title FROM ledger.currencies WHERE code = 'EUR';
