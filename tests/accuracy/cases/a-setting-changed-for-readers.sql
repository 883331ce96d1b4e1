-- case: a-setting-changed-for-readers
-- base: shop
-- change:
BEGIN;
INSERT INTO settings VALUES ('currency.old', (SELECT value FROM settings WHERE key = 'currency'));
UPDATE settings SET value = 'EUR' WHERE key = 'currency';
COMMIT;
