-- case: type-timestamptz-in-oslo
-- given:
CREATE TABLE visits (id integer PRIMARY KEY, left_at timestamp);
GRANT SELECT ON visits TO app;
-- rows:
INSERT INTO visits SELECT generate_series(1, 5000);
-- change:
SET timezone = 'Europe/Oslo';
ALTER TABLE visits ALTER left_at TYPE timestamptz;
-- app:
SELECT left_at FROM visits WHERE id = 5;
