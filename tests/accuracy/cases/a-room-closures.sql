-- case: a-room-closures
-- base: bookings
-- change:
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE room_closures (
    room_id integer NOT NULL REFERENCES rooms (id) ON DELETE CASCADE,
    during  tstzrange NOT NULL,
    reason  text,
    CONSTRAINT room_closures_apart EXCLUDE USING gist (room_id WITH =, during WITH &&)
);
INSERT INTO room_closures (room_id, during, reason) VALUES (1, '[2030-03-01,2030-03-05)', 'paint'), (2, '[2030-03-01,2030-03-05)', 'paint');
GRANT SELECT ON room_closures TO app;
