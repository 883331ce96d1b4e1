-- case: function-recreated-with-more
-- base: shop
-- change:
DROP FUNCTION discount(numeric);
CREATE FUNCTION discount(amount numeric, rate numeric DEFAULT 0.9) RETURNS numeric
    LANGUAGE sql IMMUTABLE AS 'SELECT amount * rate';
