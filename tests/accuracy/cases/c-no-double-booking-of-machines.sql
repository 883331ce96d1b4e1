-- case: c-no-double-booking-of-machines
-- given:
CREATE TABLE reservations (
    id bigint PRIMARY KEY,
    machine integer NOT NULL,
    slot int4range NOT NULL
);
GRANT SELECT, INSERT ON reservations TO app;
-- rows:
INSERT INTO reservations SELECT n, 1, int4range(n * 10, n * 10 + 5) FROM generate_series(1, 3000) n;
-- change:
ALTER TABLE reservations ADD CONSTRAINT reservations_no_overlap EXCLUDE USING gist (slot WITH &&);
-- app:
SELECT slot FROM reservations WHERE id = 5;
INSERT INTO reservations (id, machine, slot) VALUES (900001, 1, '[900000,900005)');
