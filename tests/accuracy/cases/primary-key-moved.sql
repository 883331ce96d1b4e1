-- case: primary-key-moved
-- given:
CREATE TABLE tickets (id integer CONSTRAINT tickets_pkey PRIMARY KEY, big_id bigint NOT NULL, title text);
GRANT SELECT, INSERT ON tickets TO app;
-- rows:
INSERT INTO tickets SELECT n, n, 'Ticket ' || n FROM generate_series(1, 6000) n;
-- earlier:
CREATE UNIQUE INDEX CONCURRENTLY tickets_big_id ON tickets (big_id);
-- earlier:
CREATE UNIQUE INDEX CONCURRENTLY tickets_id ON tickets (id);
-- change:
ALTER TABLE tickets
    DROP CONSTRAINT tickets_pkey,
    ADD CONSTRAINT tickets_pkey PRIMARY KEY USING INDEX tickets_big_id;
-- app:
SELECT title FROM tickets WHERE id = 5;
INSERT INTO tickets VALUES (900001, 900001, 'new');
