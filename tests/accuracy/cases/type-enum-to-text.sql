-- case: type-enum-to-text
-- base: ledger
-- given:
CREATE TYPE ledger.kind AS ENUM ('in', 'out');
CREATE TABLE ledger.moves (id integer PRIMARY KEY, kind ledger.kind NOT NULL);
GRANT SELECT, INSERT ON ledger.moves TO app;
-- rows:
INSERT INTO ledger.moves SELECT n, 'in' FROM generate_series(1, 5000) n;
-- change:
ALTER TABLE ledger.moves ALTER kind TYPE text USING kind::text;
-- app:
SELECT count(*) FROM ledger.moves WHERE kind = 'in';
INSERT INTO ledger.moves VALUES (90001, 'out');
