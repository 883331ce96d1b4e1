-- case: type-int-to-bigint-new-table
-- base: bookings
-- change:
CREATE TABLE visits (id integer PRIMARY KEY, room integer);
INSERT INTO visits SELECT n, n FROM generate_series(1, 2500) n;
ALTER TABLE visits ALTER id TYPE bigint;
