-- case: column-of-partitioned
-- base: events
-- change:
ALTER TABLE log.events ADD COLUMN source text DEFAULT 'web';
