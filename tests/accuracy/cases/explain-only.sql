-- case: explain-only
-- base: bookings
-- change:
EXPLAIN (VERBOSE) DELETE FROM booking_log;
EXPLAIN UPDATE bookings SET nights = 2;
