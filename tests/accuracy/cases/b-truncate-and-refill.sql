-- case: b-truncate-and-refill
-- base: shop
-- change:
CREATE TEMPORARY TABLE kept_settings ON COMMIT DROP AS TABLE settings;
TRUNCATE settings;
INSERT INTO settings SELECT key, value FROM kept_settings;
INSERT INTO settings VALUES ('theme', 'dark');
