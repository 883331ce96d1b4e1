-- case: c-room-made-optional
-- base: bookings
-- change:
ALTER TABLE bookings ALTER COLUMN room_id DROP NOT NULL;
-- app:
INSERT INTO bookings (room_id, guest, during) VALUES (NULL, 'Nobody', '[2031-01-01,2031-01-02)');
