-- case: c-not-null-last-step-of-recipe
-- base: bookings
-- earlier:
ALTER TABLE bookings ADD CONSTRAINT bookings_source_nn CHECK (source IS NOT NULL) NOT VALID;
-- earlier:
ALTER TABLE bookings VALIDATE CONSTRAINT bookings_source_nn;
-- change:
ALTER TABLE bookings ALTER COLUMN source SET NOT NULL;
ALTER TABLE bookings DROP CONSTRAINT bookings_source_nn;
