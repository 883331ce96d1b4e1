-- case: b-attach-partition-builds-index
-- base: events
-- given:
CREATE TABLE log.events_2026 (LIKE log.events INCLUDING DEFAULTS, PRIMARY KEY (id, at));
ALTER TABLE log.events_2026 ADD CONSTRAINT events_2026_bound
    CHECK (at >= '2026-01-01 00:00+00' AND at < '2027-01-01 00:00+00');
-- rows:
INSERT INTO log.events_2026 (id, at, kind)
    SELECT 200000 + n, '2026-01-01 00:00+00'::timestamptz + n * interval '1 hour', 'login' FROM generate_series(1, 5000) n;
-- change:
ALTER TABLE log.events ATTACH PARTITION log.events_2026 FOR VALUES FROM ('2026-01-01 00:00+00') TO ('2027-01-01 00:00+00');
