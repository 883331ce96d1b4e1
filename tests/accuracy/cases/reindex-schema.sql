-- case: reindex-schema
-- given:
CREATE SCHEMA stats;
CREATE TABLE stats.hits (id bigint PRIMARY KEY, page text);
CREATE INDEX hits_page ON stats.hits (page);
-- rows:
INSERT INTO stats.hits SELECT n, 'page ' || n FROM generate_series(1, 20000) n;
-- change:
REINDEX SCHEMA stats;
