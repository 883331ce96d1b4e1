-- case: table-truncate
-- base: bookings
-- change:
TRUNCATE booking_log;
