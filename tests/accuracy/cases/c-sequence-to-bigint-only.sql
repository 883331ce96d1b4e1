-- case: c-sequence-to-bigint-only
-- given:
CREATE TABLE devices (id serial PRIMARY KEY, serial_no text NOT NULL);
GRANT SELECT, INSERT ON devices TO app;
GRANT USAGE ON SEQUENCE devices_id_seq TO app;
-- rows:
INSERT INTO devices (serial_no) SELECT 'S' || n FROM generate_series(1, 3000) n;
-- change:
ALTER SEQUENCE devices_id_seq AS bigint;
ALTER SEQUENCE devices_id_seq CACHE 20;
-- app:
INSERT INTO devices (serial_no) VALUES ('S-new');
SELECT serial_no FROM devices WHERE id = 40;
