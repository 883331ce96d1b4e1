-- case: trigger-of-new-table
-- base: bookings
-- change:
CREATE TABLE wishes (id bigint PRIMARY KEY, guest text);
CREATE TRIGGER wishes_guest BEFORE INSERT ON wishes FOR EACH ROW EXECUTE FUNCTION keep_room();
