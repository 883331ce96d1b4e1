-- case: no-inherit
-- given:
CREATE TABLE assets (id integer PRIMARY KEY, value numeric NOT NULL);
CREATE TABLE vehicles (wheels integer) INHERITS (assets);
GRANT SELECT, INSERT ON assets, vehicles TO app;
-- rows:
INSERT INTO vehicles SELECT n, n, 4 FROM generate_series(1, 3000) n;
-- change:
ALTER TABLE vehicles NO INHERIT assets;
-- app:
SELECT count(*) FROM assets;
