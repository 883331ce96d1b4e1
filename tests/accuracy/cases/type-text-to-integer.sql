-- case: type-text-to-integer
-- given:
CREATE TABLE imports (id integer PRIMARY KEY, amount text);
-- rows:
INSERT INTO imports SELECT n, n FROM generate_series(1, 4000) n;
-- change:
ALTER TABLE imports ALTER amount TYPE integer USING amount::integer;
