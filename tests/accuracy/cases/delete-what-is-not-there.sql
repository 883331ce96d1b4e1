-- case: delete-what-is-not-there
-- base: shop
-- change:
DELETE FROM settings WHERE key IN ('legacy_theme', 'legacy_mode');
