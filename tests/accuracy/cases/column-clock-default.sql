-- case: column-clock-default
-- base: bookings
-- change:
ALTER TABLE bookings ADD COLUMN seen timestamptz DEFAULT clock_timestamp();
