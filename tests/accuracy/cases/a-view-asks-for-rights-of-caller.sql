-- case: a-view-asks-for-rights-of-caller
-- given:
CREATE TABLE staff (id integer PRIMARY KEY, name text NOT NULL, salary numeric NOT NULL);
CREATE VIEW staff_names AS SELECT id, name FROM staff;
GRANT SELECT ON staff_names TO app;
-- rows:
INSERT INTO staff SELECT n, 'Name ' || n, 1000 FROM generate_series(1, 2000) n;
-- change:
ALTER VIEW staff_names SET (security_invoker = true, security_barrier = true);
-- app:
SELECT name FROM staff_names WHERE id = 12;
