-- case: a-inherited-child-added
-- given:
CREATE TABLE measurements (at timestamptz NOT NULL, station integer NOT NULL, celsius real);
CREATE TABLE measurements_2024 (CHECK (at >= '2024-01-01' AND at < '2025-01-01')) INHERITS (measurements);
CREATE FUNCTION route_measurement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO measurements_2024 VALUES (NEW.*);
    RETURN NULL;
END
$$;
CREATE TRIGGER route BEFORE INSERT ON measurements FOR EACH ROW EXECUTE FUNCTION route_measurement();
GRANT SELECT, INSERT ON measurements, measurements_2024 TO app;
-- rows:
INSERT INTO measurements SELECT '2024-01-01'::timestamptz + n * interval '1 hour', n % 9, n % 30 FROM generate_series(1, 5000) n;
-- change:
CREATE TABLE measurements_2025 (
    CHECK (at >= '2025-01-01' AND at < '2026-01-01')
) INHERITS (measurements);
CREATE INDEX ON measurements_2025 (at);
GRANT SELECT, INSERT ON measurements_2025 TO app;
CREATE OR REPLACE FUNCTION route_measurement() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.at >= '2025-01-01' THEN
        INSERT INTO measurements_2025 VALUES (NEW.*);
    ELSE
        INSERT INTO measurements_2024 VALUES (NEW.*);
    END IF;
    RETURN NULL;
END
$$;
-- app:
INSERT INTO measurements VALUES ('2024-05-05', 1, 12.5);
SELECT count(*) FROM measurements WHERE station = 3;
