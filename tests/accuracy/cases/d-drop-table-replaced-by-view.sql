-- case: d-drop-table-replaced-by-view
-- base: shop
-- change:
BEGIN;
CREATE TABLE config (key text PRIMARY KEY, value text NOT NULL);
INSERT INTO config TABLE settings;
DROP TABLE settings;
CREATE VIEW settings AS SELECT key, value FROM config;
GRANT SELECT ON settings TO app;
COMMIT;
