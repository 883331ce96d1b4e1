-- case: column-required-of-empty-table
-- given:
CREATE TABLE feedback (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL);
GRANT SELECT, INSERT ON feedback TO app;
-- change:
ALTER TABLE feedback ADD COLUMN stars integer NOT NULL;
-- app:
INSERT INTO feedback (text) VALUES ('good');
