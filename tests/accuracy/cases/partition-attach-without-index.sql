-- case: partition-attach-without-index
-- base: events
-- earlier:
ALTER TABLE log.events_2025 ADD CONSTRAINT of_2025 CHECK (at >= '2025-01-01' AND at < '2026-01-01');
DROP INDEX log.events_2025_kind_idx;
-- change:
ALTER TABLE log.events ATTACH PARTITION log.events_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
