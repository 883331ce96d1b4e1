-- case: a-few-rooms-with-wider-key
-- base: bookings
-- change:
BEGIN;
ALTER TABLE rooms ALTER COLUMN id TYPE bigint;
COMMIT;
