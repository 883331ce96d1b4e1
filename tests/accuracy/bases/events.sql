-- given:
CREATE SCHEMA log;

-- Ranges of time, without a default partition.
CREATE TABLE log.events (
    id      bigint GENERATED ALWAYS AS IDENTITY,
    at      timestamptz NOT NULL,
    kind    text NOT NULL,
    actor   text,
    payload jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE TABLE log.events_2023 PARTITION OF log.events FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
CREATE TABLE log.events_2024 PARTITION OF log.events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE INDEX events_kind_idx ON log.events (kind);

-- What may become a partition.
CREATE TABLE log.events_2025 (
    id      bigint NOT NULL,
    at      timestamptz NOT NULL,
    kind    text NOT NULL,
    actor   text,
    payload jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (id, at)
);
CREATE INDEX events_2025_kind_idx ON log.events_2025 (kind);

-- A list, with a default partition that holds most of the rows.
CREATE TABLE log.metrics (
    region text NOT NULL,
    at     timestamptz NOT NULL,
    value  double precision
) PARTITION BY LIST (region);
CREATE TABLE log.metrics_eu PARTITION OF log.metrics FOR VALUES IN ('eu');
CREATE TABLE log.metrics_rest PARTITION OF log.metrics DEFAULT;

GRANT USAGE ON SCHEMA log TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON log.events, log.metrics, log.events_2025 TO app;
-- rows:
INSERT INTO log.events (at, kind, actor)
    SELECT '2023-01-01'::timestamptz + n * interval '100 minutes', (ARRAY['login', 'logout', 'buy'])[n % 3 + 1], 'user ' || n % 50
    FROM generate_series(1, 10000) n;
INSERT INTO log.events_2025 (id, at, kind)
    SELECT 100000 + n, '2025-01-01'::timestamptz + n * interval '1 hour', 'login' FROM generate_series(1, 5000) n;
INSERT INTO log.metrics
    SELECT (ARRAY['eu', 'us', 'in', 'br'])[n % 4 + 1], '2024-05-05'::timestamptz + n * interval '1 minute', n
    FROM generate_series(1, 8000) n;
-- app:
SELECT kind, actor FROM log.events WHERE id = 77;
SELECT count(*) FROM log.events WHERE at < '2024-01-01';
INSERT INTO log.events (at, kind) VALUES ('2024-06-06', 'login');
INSERT INTO log.events (at, kind, actor, payload) VALUES ('2023-06-06', 'buy', 'user 1', '{"what": 3}');
UPDATE log.events SET actor = 'nobody' WHERE id = 78 AND at < '2024-01-01';
SELECT count(*), max(value) FROM log.metrics WHERE region = 'us';
INSERT INTO log.metrics (region, at, value) VALUES ('us', '2024-07-07', 1);
SELECT kind FROM log.events_2025 WHERE id = 100005;
