-- case: partition-create
-- base: events
-- change:
CREATE TABLE log.events_2026 PARTITION OF log.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
