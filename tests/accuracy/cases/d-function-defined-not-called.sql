-- case: d-function-defined-not-called
-- base: shop
-- change:
CREATE OR REPLACE FUNCTION emergency_cleanup() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DROP TABLE IF EXISTS order_lines CASCADE;
    ALTER TABLE orders ALTER COLUMN total TYPE double precision;
    DELETE FROM customers;
END $$;
COMMENT ON FUNCTION emergency_cleanup() IS 'DROP TABLE and more; run by hand only';
