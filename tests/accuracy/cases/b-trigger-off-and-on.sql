-- case: b-trigger-off-and-on
-- base: bookings
-- change:
BEGIN;
ALTER TABLE bookings DISABLE TRIGGER bookings_log;
UPDATE bookings SET nights = 2 WHERE id BETWEEN 10 AND 20;
ALTER TABLE bookings ENABLE TRIGGER bookings_log;
COMMIT;
