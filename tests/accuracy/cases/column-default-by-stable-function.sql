-- case: column-default-by-stable-function
-- base: shop
-- given:
CREATE FUNCTION standard_rate() RETURNS integer LANGUAGE plpgsql STABLE AS $$ BEGIN RETURN 25; END $$;
-- change:
ALTER TABLE products ADD COLUMN rate integer NOT NULL DEFAULT standard_rate();
