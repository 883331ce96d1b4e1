-- case: index-of-tiny-table
-- base: shop
-- change:
CREATE INDEX settings_value_idx ON settings (value);
