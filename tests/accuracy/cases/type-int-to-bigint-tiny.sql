-- case: type-int-to-bigint-tiny
-- base: bookings
-- change:
ALTER TABLE rooms ALTER COLUMN capacity TYPE integer;
