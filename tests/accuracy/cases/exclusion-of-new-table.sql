-- case: exclusion-of-new-table
-- base: bookings
-- change:
CREATE TABLE cleaning (id integer PRIMARY KEY, during tsrange NOT NULL);
ALTER TABLE cleaning ADD EXCLUDE USING gist (during WITH &&);
