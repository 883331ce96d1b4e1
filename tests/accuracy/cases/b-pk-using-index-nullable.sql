-- case: b-pk-using-index-nullable
-- given:
CREATE TABLE readings (sensor integer, at timestamptz NOT NULL, value real);
GRANT SELECT, INSERT ON readings TO app;
-- earlier:
CREATE UNIQUE INDEX readings_key ON readings (sensor, at);
-- rows:
INSERT INTO readings SELECT n % 10, '2024-01-01'::timestamptz + n * interval '1 minute', n FROM generate_series(1, 5000) n;
-- change:
ALTER TABLE readings ADD CONSTRAINT readings_pkey PRIMARY KEY USING INDEX readings_key;
-- app:
SELECT value FROM readings WHERE sensor = 3 AND at = '2024-01-01 00:13Z';
INSERT INTO readings VALUES (1, '2031-01-01', 3);
