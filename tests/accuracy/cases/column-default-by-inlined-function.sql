-- case: column-default-by-inlined-function
-- base: shop
-- given:
CREATE FUNCTION standard_rate() RETURNS integer LANGUAGE sql VOLATILE AS $$ SELECT 25 $$;
-- change:
ALTER TABLE products ADD COLUMN rate integer NOT NULL DEFAULT standard_rate();
