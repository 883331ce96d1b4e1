-- case: type-int-to-bigint
-- base: bookings
-- change:
ALTER TABLE bookings ALTER COLUMN nights TYPE bigint;
