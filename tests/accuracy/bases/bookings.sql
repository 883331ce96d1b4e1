-- given:
CREATE TABLE rooms (
    id       integer PRIMARY KEY,
    name     text NOT NULL,
    capacity smallint NOT NULL DEFAULT 2
);
CREATE TABLE bookings (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    room_id    integer NOT NULL REFERENCES rooms (id),
    guest      text NOT NULL,
    during     tstzrange NOT NULL,
    cancelled  boolean NOT NULL DEFAULT false,
    nights     integer,
    source     text DEFAULT 'web',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX bookings_during_idx ON bookings USING gist (during);
CREATE TABLE booking_log (
    booking_id bigint NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    what       text NOT NULL
);
CREATE FUNCTION log_booking() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.booking_log (booking_id, what) VALUES (NEW.id, TG_OP);
    RETURN NEW;
END
$$;
CREATE TRIGGER bookings_log AFTER INSERT OR UPDATE ON bookings
    FOR EACH ROW EXECUTE FUNCTION log_booking();
CREATE FUNCTION keep_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.guest = '' THEN
        RAISE EXCEPTION 'a booking needs a guest';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER bookings_guest BEFORE INSERT OR UPDATE ON bookings
    FOR EACH ROW EXECUTE FUNCTION keep_room();
CREATE TABLE prices (
    room_id integer NOT NULL,
    season  daterange NOT NULL,
    price   numeric(8,2) NOT NULL,
    CONSTRAINT prices_season_excl EXCLUDE USING gist (int4range(room_id, room_id, '[]') WITH &&, season WITH &&)
);
GRANT SELECT, INSERT, UPDATE, DELETE ON rooms, bookings, prices TO app;
GRANT SELECT ON booking_log TO app;
-- rows:
INSERT INTO rooms SELECT n, 'Room ' || n, n % 4 + 1 FROM generate_series(1, 40) n;
INSERT INTO bookings (room_id, guest, during, nights)
    SELECT n % 40 + 1, 'Guest ' || n, tstzrange('2024-01-01'::timestamptz + n * interval '1 hour', '2024-01-01'::timestamptz + n * interval '1 hour' + interval '30 minutes'), 1
    FROM generate_series(1, 6000) n;
INSERT INTO prices
    SELECT n % 40 + 1, daterange('2024-01-01'::date + (n / 40) * 7, '2024-01-01'::date + (n / 40) * 7 + 7), 100
    FROM generate_series(0, 1999) n;
-- app:
SELECT id, room_id, guest, during, cancelled FROM bookings WHERE id = 12;
INSERT INTO bookings (room_id, guest, during) VALUES (1, 'New', '[2030-01-01,2030-01-02)');
UPDATE bookings SET cancelled = true WHERE id = 13;
INSERT INTO bookings (room_id, guest, during) VALUES (1, '', '[2030-01-01,2030-01-02)');
SELECT count(*) FROM booking_log WHERE booking_id = 12;
SELECT name, capacity FROM rooms WHERE id = 3;
INSERT INTO prices (room_id, season, price) VALUES (1, '[2024-01-01,2024-01-05)', 5);
INSERT INTO prices (room_id, season, price) VALUES (1, '[2040-01-01,2040-01-05)', 5);
SELECT price FROM prices WHERE room_id = 2 AND season @> '2024-02-01'::date;
