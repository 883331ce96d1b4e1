-- case: b-publication-without-identity
-- given:
CREATE TABLE presence (device text NOT NULL, seen timestamptz NOT NULL);
GRANT SELECT, INSERT, UPDATE ON presence TO app;
-- rows:
INSERT INTO presence SELECT 'd' || n, '2024-01-01' FROM generate_series(1, 3000) n;
-- change:
CREATE PUBLICATION presence_feed FOR TABLE presence;
-- app:
INSERT INTO presence VALUES ('d9000', '2024-02-02');
UPDATE presence SET seen = '2024-02-02' WHERE device = 'd7';
