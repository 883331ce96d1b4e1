-- case: index-of-leaf-concurrently
-- base: events
-- earlier:
CREATE INDEX events_actor_idx ON ONLY log.events (actor);
-- change:
CREATE INDEX CONCURRENTLY events_2023_actor_idx ON log.events_2023 (actor);
