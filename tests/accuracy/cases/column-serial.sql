-- case: column-serial
-- base: bookings
-- change:
ALTER TABLE bookings ADD COLUMN number bigserial;
