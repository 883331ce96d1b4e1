-- case: trigger-disable
-- base: bookings
-- change:
ALTER TABLE bookings DISABLE TRIGGER ALL;
