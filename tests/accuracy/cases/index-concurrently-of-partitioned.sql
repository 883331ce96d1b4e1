-- case: index-concurrently-of-partitioned
-- base: events
-- change:
CREATE INDEX CONCURRENTLY events_actor_idx ON log.events (actor);
