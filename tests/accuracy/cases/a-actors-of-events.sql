-- case: a-actors-of-events
-- base: events
-- change:
BEGIN;
CREATE TABLE log.actors (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE
);
INSERT INTO log.actors (name) SELECT DISTINCT actor FROM log.events WHERE actor IS NOT NULL;
ALTER TABLE log.events ADD COLUMN actor_id bigint REFERENCES log.actors (id);
GRANT SELECT ON log.actors TO app;
COMMIT;
