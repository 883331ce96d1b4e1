-- case: c-int-keys-run-out
-- given:
CREATE TABLE devices (id serial PRIMARY KEY, serial_no text NOT NULL);
CREATE TABLE pings (id serial PRIMARY KEY, device_id integer NOT NULL REFERENCES devices (id), ok boolean NOT NULL DEFAULT true);
GRANT SELECT, INSERT ON devices, pings TO app;
GRANT USAGE ON SEQUENCE devices_id_seq, pings_id_seq TO app;
-- rows:
INSERT INTO devices (serial_no) SELECT 'S' || n FROM generate_series(1, 30) n;
INSERT INTO pings (device_id) SELECT n % 30 + 1 FROM generate_series(1, 8000) n;
-- change:
ALTER TABLE pings ALTER COLUMN id TYPE bigint;
ALTER SEQUENCE pings_id_seq AS bigint;
-- app:
INSERT INTO pings (device_id) VALUES (3);
SELECT ok FROM pings WHERE id = 40;
