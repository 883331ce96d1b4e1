-- case: b-inherit-check-reaches-child
-- given:
CREATE TABLE assets (id integer NOT NULL, worth numeric NOT NULL);
CREATE TABLE cars (plate text) INHERITS (assets);
GRANT SELECT, INSERT ON assets, cars TO app;
-- rows:
INSERT INTO cars SELECT n, n, 'AB' || n FROM generate_series(1, 5000) n;
-- change:
ALTER TABLE assets ADD CONSTRAINT assets_worth_ok CHECK (worth > 0);
-- app:
SELECT plate FROM cars WHERE id = 7;
INSERT INTO cars (id, worth, plate) VALUES (9000, 3, 'X');
