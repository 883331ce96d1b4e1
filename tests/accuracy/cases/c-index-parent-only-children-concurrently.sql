-- case: c-index-parent-only-children-concurrently
-- base: events
-- change:
CREATE INDEX events_actor_idx ON ONLY log.events (actor);
CREATE INDEX CONCURRENTLY events_2023_actor_idx ON log.events_2023 (actor);
CREATE INDEX CONCURRENTLY events_2024_actor_idx ON log.events_2024 (actor);
ALTER INDEX log.events_actor_idx ATTACH PARTITION log.events_2023_actor_idx;
ALTER INDEX log.events_actor_idx ATTACH PARTITION log.events_2024_actor_idx;
