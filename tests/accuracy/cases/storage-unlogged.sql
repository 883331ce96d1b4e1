-- case: storage-unlogged
-- base: bookings
-- change:
ALTER TABLE bookings SET UNLOGGED;
