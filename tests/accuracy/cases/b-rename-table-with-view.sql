-- case: b-rename-table-with-view
-- base: tenants
-- change:
ALTER TABLE acme.teams RENAME TO groups;
CREATE VIEW acme.teams AS SELECT id, title FROM acme.groups;
GRANT SELECT, INSERT, UPDATE, DELETE ON acme.teams, acme.groups TO app;
-- app:
SELECT * FROM acme.teams WHERE id = 3;
INSERT INTO acme.teams (id, title) VALUES (900, 'New') ON CONFLICT (id) DO NOTHING;
UPDATE acme.teams SET title = 'Old' WHERE id = 4;
