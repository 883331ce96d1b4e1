-- case: trigger-drop
-- base: bookings
-- change:
DROP TRIGGER bookings_guest ON bookings;
