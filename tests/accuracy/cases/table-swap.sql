-- case: table-swap
-- base: shop
-- change:
CREATE TABLE settings_new (key text PRIMARY KEY, value text NOT NULL, unit text);
INSERT INTO settings_new (key, value) SELECT key, value FROM settings;
ALTER TABLE settings RENAME TO settings_old;
ALTER TABLE settings_new RENAME TO settings;
