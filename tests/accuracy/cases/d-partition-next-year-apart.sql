-- case: d-partition-next-year-apart
-- base: events
-- change:
CREATE TABLE log.events_2026 (LIKE log.events INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE log.events_2026 ADD CONSTRAINT year_2026 CHECK (at >= '2026-01-01' AND at < '2027-01-01');
ALTER TABLE log.events ATTACH PARTITION log.events_2026 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
ALTER TABLE log.events_2026 DROP CONSTRAINT year_2026;
