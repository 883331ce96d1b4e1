-- case: type-base-to-domain-with-rule
-- base: ledger
-- given:
CREATE DOMAIN ledger.positive AS integer CHECK (VALUE > 0);
CREATE TABLE ledger.batches (id integer PRIMARY KEY, size integer NOT NULL);
-- rows:
INSERT INTO ledger.batches SELECT n, n FROM generate_series(1, 5000) n;
-- change:
ALTER TABLE ledger.batches ALTER size TYPE ledger.positive;
