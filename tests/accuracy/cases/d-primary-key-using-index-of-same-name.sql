-- case: d-primary-key-using-index-of-same-name
-- base: ledger
-- given:
CREATE TABLE ledger.tags (entry_id bigint NOT NULL, tag text NOT NULL);
CREATE UNIQUE INDEX tags_pk ON ledger.tags (entry_id, tag);
GRANT SELECT, INSERT ON ledger.tags TO app;
-- rows:
INSERT INTO ledger.tags SELECT n, 'tag ' || n % 5 FROM generate_series(1, 5000) n;
-- change:
ALTER TABLE ledger.tags ADD CONSTRAINT tags_pk PRIMARY KEY USING INDEX tags_pk;
-- app:
SELECT tag FROM ledger.tags WHERE entry_id = 12;
INSERT INTO ledger.tags (entry_id, tag) VALUES (1, 'new');
