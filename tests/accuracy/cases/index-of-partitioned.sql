-- case: index-of-partitioned
-- base: events
-- change:
CREATE INDEX events_actor_idx ON log.events (actor);
