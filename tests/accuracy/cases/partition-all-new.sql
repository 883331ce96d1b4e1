-- case: partition-all-new
-- base: events
-- change:
CREATE TABLE log.visits (at date NOT NULL, page text) PARTITION BY RANGE (at);
CREATE TABLE log.visits_2024 PARTITION OF log.visits FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE log.visits_rest PARTITION OF log.visits DEFAULT;
INSERT INTO log.visits SELECT '2024-01-01'::date + n % 700, 'p' FROM generate_series(1, 4000) n;
CREATE INDEX ON log.visits (page);
CREATE TABLE log.visits_2026 PARTITION OF log.visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
