-- case: enum-new-and-dropped
-- base: shop
-- change:
CREATE TYPE tmp_state AS ENUM ('a');
ALTER TYPE tmp_state RENAME VALUE 'a' TO 'b';
DROP TYPE tmp_state;
