-- case: function-replaced-and-indexed
-- base: shop
-- change:
CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql IMMUTABLE RETURN lower(trim($1));
CREATE INDEX customers_plain_name ON customers (plain(name));
