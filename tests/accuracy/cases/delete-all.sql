-- case: delete-all
-- base: bookings
-- change:
DELETE FROM booking_log;
