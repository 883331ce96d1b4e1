-- case: exclusion-plain
-- base: bookings
-- change:
ALTER TABLE bookings ADD CONSTRAINT bookings_do_not_overlap EXCLUDE USING gist (during WITH &&);
