-- case: b-add-column-required-empty-table
-- given:
CREATE TABLE outbox (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, body text NOT NULL);
GRANT SELECT, INSERT ON outbox TO app;
-- change:
ALTER TABLE outbox ADD COLUMN topic text NOT NULL;
-- app:
INSERT INTO outbox (body) VALUES ('x');
SELECT id, body FROM outbox WHERE id = 1;
