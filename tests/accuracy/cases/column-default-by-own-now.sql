-- case: column-default-by-own-now
-- base: shop
-- given:
CREATE SCHEMA util;
CREATE FUNCTION util.now() RETURNS timestamptz LANGUAGE sql AS 'SELECT clock_timestamp()';
-- change:
ALTER TABLE products ADD COLUMN seen timestamptz DEFAULT util.now();
