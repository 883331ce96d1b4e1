-- case: c-not-null-proven-by-comparison
-- base: bookings
-- earlier:
ALTER TABLE bookings ALTER COLUMN nights SET DEFAULT 1;
ALTER TABLE bookings ADD CONSTRAINT bookings_nights_ok CHECK (nights > 0);
-- change:
ALTER TABLE bookings ALTER COLUMN nights SET NOT NULL;
