-- case: trigger-disabled-for-a-moment
-- base: bookings
-- change:
BEGIN;
ALTER TABLE bookings DISABLE TRIGGER bookings_log;
UPDATE bookings SET source = 'phone' WHERE id IN (1, 2, 3);
ALTER TABLE bookings ENABLE TRIGGER bookings_log;
COMMIT;
