-- given:
CREATE SCHEMA acme;
CREATE SCHEMA globex;
CREATE TABLE acme.people (
    id       integer PRIMARY KEY,
    login    text NOT NULL,
    full_name text,
    team     integer,
    joined   timestamp without time zone,
    secret   text
);
CREATE TABLE globex.people (LIKE acme.people INCLUDING ALL);
CREATE TABLE public.people (id integer PRIMARY KEY, login text);
CREATE TABLE acme.teams (id integer PRIMARY KEY, title text NOT NULL);
CREATE VIEW acme.roster AS SELECT p.login, t.title FROM acme.people p LEFT JOIN acme.teams t ON t.id = p.team;
-- Rows of their own only.
CREATE TABLE acme.notes (id bigint PRIMARY KEY, owner name NOT NULL DEFAULT current_user, text text);
GRANT USAGE ON SCHEMA acme, globex TO app;
GRANT SELECT, INSERT, UPDATE, DELETE ON acme.people, acme.teams, acme.notes, globex.people, public.people TO app;
GRANT SELECT ON acme.roster TO app;
-- rows:
INSERT INTO acme.teams SELECT n, 'Team ' || n FROM generate_series(1, 20) n;
INSERT INTO acme.people SELECT n, 'user' || n, 'User ' || n, n % 20 + 1, '2024-01-01'::timestamp + n * interval '1 minute', md5(n::text)
    FROM generate_series(1, 5000) n;
INSERT INTO globex.people SELECT n, 'user' || n, 'User ' || n, NULL, '2024-01-01', 'x' FROM generate_series(1, 3000) n;
INSERT INTO acme.notes SELECT n, 'app', 'note ' || n FROM generate_series(1, 4000) n;
-- app:
SELECT login, full_name, team, secret FROM acme.people WHERE id = 5;
INSERT INTO acme.people (id, login) VALUES (900001, 'new');
UPDATE acme.people SET team = 3, full_name = NULL WHERE id = 6;
SELECT login FROM globex.people WHERE id = 7;
INSERT INTO globex.people (id, login, full_name) VALUES (900001, 'new', 'New');
SELECT count(*) FROM public.people;
SELECT title FROM acme.roster WHERE login = 'user9';
SELECT count(*) FROM acme.notes;
INSERT INTO acme.notes (id, text) VALUES (900001, 'mine');
