-- case: c-upsert-two-settings
-- base: shop
-- change:
INSERT INTO settings (key, value) VALUES ('theme', 'dark'), ('tax', '25')
ON CONFLICT (key) DO UPDATE SET value = excluded.value;
