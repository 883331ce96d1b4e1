-- case: a-log-function-without-rights
-- base: bookings
-- change:
-- No function needs the rights of its owner, says the review.
ALTER FUNCTION log_booking() SECURITY INVOKER;
ALTER FUNCTION keep_room() COST 10;
