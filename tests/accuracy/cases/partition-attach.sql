-- case: partition-attach
-- base: events
-- change:
ALTER TABLE log.events ATTACH PARTITION log.events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
