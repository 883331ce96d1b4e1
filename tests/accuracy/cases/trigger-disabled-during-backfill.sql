-- case: trigger-disabled-during-backfill
-- base: bookings
-- change:
ALTER TABLE bookings DISABLE TRIGGER bookings_log;
UPDATE bookings SET nights = 2 WHERE nights = 1;
ALTER TABLE bookings ENABLE TRIGGER bookings_log;
