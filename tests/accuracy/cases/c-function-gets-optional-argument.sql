-- case: c-function-gets-optional-argument
-- base: shop
-- change:
DROP FUNCTION discount(numeric);
CREATE FUNCTION discount(amount numeric, percent integer DEFAULT 10) RETURNS numeric
    LANGUAGE sql IMMUTABLE AS 'SELECT amount * (100 - percent) / 100';
GRANT EXECUTE ON FUNCTION discount(numeric, integer) TO PUBLIC;
-- app instead:
SELECT discount(10) > 0;
