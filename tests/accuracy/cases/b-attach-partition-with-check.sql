-- case: b-attach-partition-with-check
-- base: events
-- earlier:
ALTER TABLE log.events_2025 ADD CONSTRAINT events_2025_bound
    CHECK (at >= '2025-01-01 00:00+00' AND at < '2026-01-01 00:00+00') NOT VALID;
-- earlier:
ALTER TABLE log.events_2025 VALIDATE CONSTRAINT events_2025_bound;
-- change:
ALTER TABLE log.events ATTACH PARTITION log.events_2025 FOR VALUES FROM ('2025-01-01 00:00+00') TO ('2026-01-01 00:00+00');
