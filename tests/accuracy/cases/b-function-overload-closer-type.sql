-- case: b-function-overload-closer-type
-- base: shop
-- change:
CREATE FUNCTION discount(amount integer) RETURNS integer
    LANGUAGE sql IMMUTABLE AS 'SELECT amount * 8 / 10';
