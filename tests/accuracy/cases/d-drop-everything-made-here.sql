-- case: d-drop-everything-made-here
-- base: bookings
-- change:
BEGIN;
CREATE SCHEMA staging;
CREATE TABLE staging.guests AS SELECT DISTINCT guest FROM bookings WHERE id < 50;
CREATE INDEX ON staging.guests (guest);
TRUNCATE staging.guests;
DROP TABLE staging.guests;
DROP SCHEMA staging CASCADE;
COMMIT;
