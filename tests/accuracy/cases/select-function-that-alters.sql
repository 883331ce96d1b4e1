-- case: select-function-that-alters
-- base: shop
-- given:
CREATE FUNCTION tighten() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    ALTER TABLE orders ALTER COLUMN channel SET NOT NULL;
END $$;
-- change:
SELECT tighten();
