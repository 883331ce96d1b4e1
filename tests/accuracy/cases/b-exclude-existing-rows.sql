-- case: b-exclude-existing-rows
-- base: bookings
-- change:
ALTER TABLE bookings ADD CONSTRAINT bookings_one_at_a_time
    EXCLUDE USING gist (int4range(room_id, room_id, '[]') WITH &&, during WITH &&) WHERE (NOT cancelled);
