-- case: c-attach-archive-year-with-proof
-- given:
CREATE TABLE readings (
    device integer NOT NULL,
    day date NOT NULL,
    value numeric
) PARTITION BY RANGE (day);
CREATE TABLE readings_2024 PARTITION OF readings FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE readings_old (device integer NOT NULL, day date NOT NULL, value numeric);
GRANT SELECT, INSERT ON readings, readings_old TO app;
-- rows:
INSERT INTO readings SELECT n % 10, '2024-01-01'::date + n % 300, n FROM generate_series(1, 3000) n;
INSERT INTO readings_old SELECT n % 10, '2023-01-01'::date + n % 300, n FROM generate_series(1, 3000) n;
-- earlier:
ALTER TABLE readings_old ADD CONSTRAINT readings_old_bound
    CHECK (day >= '2023-01-01' AND day < '2024-01-01') NOT VALID;
-- earlier:
ALTER TABLE readings_old VALIDATE CONSTRAINT readings_old_bound;
-- change:
ALTER TABLE readings ATTACH PARTITION readings_old FOR VALUES FROM ('2023-01-01') TO ('2024-01-01');
-- app:
SELECT count(*) FROM readings WHERE day = '2024-02-02';
INSERT INTO readings VALUES (1, '2024-03-03', 5);
SELECT count(*) FROM readings_old WHERE device = 3;
