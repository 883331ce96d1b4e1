-- case: identity-drop
-- base: bookings
-- change:
ALTER TABLE bookings ALTER COLUMN id DROP IDENTITY IF EXISTS;
