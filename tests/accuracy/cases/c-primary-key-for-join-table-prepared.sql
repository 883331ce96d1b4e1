-- case: c-primary-key-for-join-table-prepared
-- given:
CREATE TABLE team_members (
    team_id integer NOT NULL,
    user_id integer NOT NULL,
    role text NOT NULL DEFAULT 'member'
);
GRANT SELECT, INSERT, DELETE ON team_members TO app;
-- rows:
INSERT INTO team_members SELECT n / 50, n FROM generate_series(1, 6000) n;
-- change:
CREATE UNIQUE INDEX CONCURRENTLY team_members_pkey ON team_members (team_id, user_id);
ALTER TABLE team_members ADD CONSTRAINT team_members_pkey PRIMARY KEY USING INDEX team_members_pkey;
-- app:
SELECT role FROM team_members WHERE team_id = 3 AND user_id = 160;
INSERT INTO team_members (team_id, user_id) VALUES (500, 900001);
