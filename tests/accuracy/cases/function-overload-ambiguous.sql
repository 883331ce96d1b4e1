-- case: function-overload-ambiguous
-- base: shop
-- change:
CREATE OR REPLACE FUNCTION discount(amount numeric, rate numeric DEFAULT 0.9) RETURNS numeric
    LANGUAGE sql IMMUTABLE AS 'SELECT amount * rate';
