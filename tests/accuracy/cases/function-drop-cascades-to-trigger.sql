-- case: function-drop-cascades-to-trigger
-- base: bookings
-- change:
DROP FUNCTION keep_room() CASCADE;
