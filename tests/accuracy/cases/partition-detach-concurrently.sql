-- case: partition-detach-concurrently
-- base: events
-- change:
ALTER TABLE log.events DETACH PARTITION log.events_2023 CONCURRENTLY;
