-- case: column-serial-granted
-- base: bookings
-- change:
ALTER TABLE bookings ADD COLUMN number serial;
GRANT USAGE ON SEQUENCE bookings_number_seq TO app;
