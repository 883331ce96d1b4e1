-- case: b-function-overload-with-default
-- base: shop
-- change:
CREATE FUNCTION discount(amount numeric, percent numeric DEFAULT 10) RETURNS numeric
    LANGUAGE sql IMMUTABLE AS 'SELECT amount * (100 - percent) / 100';
