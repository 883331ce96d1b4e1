-- case: column-drop-of-partitioned
-- base: events
-- change:
ALTER TABLE log.events DROP COLUMN payload;
