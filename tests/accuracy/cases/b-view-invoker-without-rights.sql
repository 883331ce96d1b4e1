-- case: b-view-invoker-without-rights
-- given:
CREATE TABLE staff (id integer PRIMARY KEY, name text NOT NULL, salary numeric, phone text);
CREATE VIEW phone_book AS SELECT name, phone FROM staff WHERE phone IS NOT NULL;
GRANT SELECT ON phone_book TO app;
-- rows:
INSERT INTO staff SELECT n, 'Name ' || n, n, '+47 ' || n FROM generate_series(1, 2000) n;
-- change:
ALTER VIEW phone_book SET (security_invoker = true);
-- app:
SELECT phone FROM phone_book WHERE name = 'Name 7';
