-- case: explain-analyze-delete
-- base: bookings
-- change:
EXPLAIN ANALYZE DELETE FROM booking_log;
