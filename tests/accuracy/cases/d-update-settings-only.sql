-- case: d-update-settings-only
-- base: shop
-- change:
BEGIN;
UPDATE settings SET value = upper(value);
INSERT INTO settings (key, value) VALUES ('theme', 'light') ON CONFLICT DO NOTHING;
COMMIT;
