-- case: primary-key-on-nullable
-- given:
CREATE TABLE readings (sensor integer, taken timestamptz, value real);
GRANT SELECT, INSERT ON readings TO app;
-- rows:
INSERT INTO readings SELECT n % 10, '2024-01-01'::timestamptz + n * interval '1 second', n FROM generate_series(1, 9000) n;
-- change:
ALTER TABLE readings ADD CONSTRAINT readings_pk PRIMARY KEY (sensor, taken);
-- app:
INSERT INTO readings VALUES (1, '2030-01-01', 2);
SELECT count(*) FROM readings WHERE sensor = 4;
