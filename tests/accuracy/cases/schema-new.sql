-- case: schema-new
-- base: tenants
-- change:
CREATE SCHEMA hooli AUTHORIZATION keeper
    CREATE TABLE people (id integer PRIMARY KEY, login text)
    CREATE INDEX people_login ON people (login)
    GRANT SELECT ON people TO app;
DROP SCHEMA IF EXISTS nobody CASCADE;
