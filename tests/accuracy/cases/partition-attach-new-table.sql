-- case: partition-attach-new-table
-- base: events
-- change:
CREATE TABLE log.events_2026 (LIKE log.events INCLUDING ALL);
ALTER TABLE log.events ATTACH PARTITION log.events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
