-- case: a-extension-given-up
-- given:
CREATE EXTENSION citext;
CREATE TABLE members (
    id     integer PRIMARY KEY,
    handle citext NOT NULL,
    joined date NOT NULL DEFAULT CURRENT_DATE
);
CREATE INDEX members_handle_idx ON members (handle);
GRANT SELECT, INSERT ON members TO app;
-- rows:
INSERT INTO members SELECT n, 'Member' || n FROM generate_series(1, 2000) n;
-- change:
-- We compare in lower case ourselves now.
DROP INDEX IF EXISTS members_handle_idx;
DROP EXTENSION IF EXISTS citext CASCADE;
-- app:
SELECT id FROM members WHERE handle = 'member17';
INSERT INTO members (id, handle) VALUES (90001, 'New');
