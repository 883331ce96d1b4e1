-- case: c-next-year-partition
-- base: events
-- change:
CREATE TABLE IF NOT EXISTS log.events_2026 PARTITION OF log.events
    FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
