-- case: partition-detach
-- base: events
-- change:
ALTER TABLE log.events DETACH PARTITION log.events_2023;
