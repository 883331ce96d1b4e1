-- case: column-random-default-of-partitioned
-- base: events
-- change:
ALTER TABLE log.events ADD COLUMN trace uuid DEFAULT gen_random_uuid();
