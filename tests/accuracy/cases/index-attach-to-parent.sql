-- case: index-attach-to-parent
-- base: events
-- earlier:
CREATE INDEX events_actor_idx ON ONLY log.events (actor);
-- earlier:
CREATE INDEX CONCURRENTLY events_2023_actor_idx ON log.events_2023 (actor);
-- change:
ALTER INDEX log.events_actor_idx ATTACH PARTITION log.events_2023_actor_idx;
