-- case: check-of-parent-and-children
-- given:
CREATE TABLE assets (id integer PRIMARY KEY, value numeric NOT NULL);
CREATE TABLE vehicles (wheels integer) INHERITS (assets);
GRANT SELECT, INSERT ON assets, vehicles TO app;
-- rows:
INSERT INTO assets SELECT n, n FROM generate_series(1, 10) n;
INSERT INTO vehicles SELECT n, n, 4 FROM generate_series(1, 9000) n;
-- change:
ALTER TABLE assets ADD CONSTRAINT assets_value_ok CHECK (value >= 0);
-- app:
SELECT count(*) FROM assets WHERE value > 8000;
INSERT INTO vehicles VALUES (10001, 5, 4);
