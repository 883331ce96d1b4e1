-- case: type-of-partitioned
-- base: events
-- change:
ALTER TABLE log.events ALTER COLUMN actor TYPE varchar(64);
