-- case: a-plain-table-becomes-partitioned
-- given:
CREATE TABLE readings (
    id    bigserial,
    at    timestamptz NOT NULL,
    value real NOT NULL,
    PRIMARY KEY (id, at)
);
GRANT SELECT, INSERT ON readings TO app;
GRANT USAGE ON SEQUENCE readings_id_seq TO app;
-- rows:
INSERT INTO readings (at, value) SELECT '2024-01-01'::timestamptz + n * interval '1 hour', n FROM generate_series(1, 6000) n;
-- change:
BEGIN;
ALTER TABLE readings RENAME TO readings_until_2025;
ALTER TABLE readings_until_2025 RENAME CONSTRAINT readings_pkey TO readings_until_2025_pkey;
CREATE TABLE readings (
    id    bigint NOT NULL DEFAULT nextval('readings_id_seq'),
    at    timestamptz NOT NULL,
    value real NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
ALTER SEQUENCE readings_id_seq OWNED BY readings.id;
ALTER TABLE readings ATTACH PARTITION readings_until_2025 FOR VALUES FROM (MINVALUE) TO ('2025-01-01');
CREATE TABLE readings_2025 PARTITION OF readings FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
GRANT SELECT, INSERT ON readings TO app;
COMMIT;
-- app:
SELECT value FROM readings WHERE id = 5;
INSERT INTO readings (at, value) VALUES ('2024-03-03', 1);
SELECT count(*) FROM readings;
