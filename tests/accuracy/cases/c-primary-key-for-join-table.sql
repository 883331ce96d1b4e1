-- case: c-primary-key-for-join-table
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
ALTER TABLE team_members ADD PRIMARY KEY (team_id, user_id);
-- app:
SELECT role FROM team_members WHERE team_id = 3 AND user_id = 160;
INSERT INTO team_members (team_id, user_id) VALUES (500, 900001);
