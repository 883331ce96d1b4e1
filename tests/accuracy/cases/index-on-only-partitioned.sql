-- case: index-on-only-partitioned
-- base: events
-- change:
CREATE INDEX events_actor_idx ON ONLY log.events (actor);
