-- case: column-default-by-volatile-function
-- base: shop
-- given:
CREATE FUNCTION standard_rate() RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN 25; END $$;
-- change:
ALTER TABLE products ADD COLUMN rate integer NOT NULL DEFAULT standard_rate();
