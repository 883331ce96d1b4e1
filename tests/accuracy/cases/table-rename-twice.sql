-- case: table-rename-twice
-- base: shop
-- change:
ALTER TABLE settings RENAME TO settings_tmp;
ALTER TABLE settings_tmp RENAME TO settings;
