-- case: move-rows
-- base: bookings
-- change:
CREATE TABLE booking_log_old (LIKE booking_log);
WITH old AS (DELETE FROM booking_log WHERE what = 'INSERT' RETURNING *)
INSERT INTO booking_log_old SELECT * FROM old;
