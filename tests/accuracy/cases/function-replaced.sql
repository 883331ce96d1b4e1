-- case: function-replaced
-- base: shop
-- change:
CREATE OR REPLACE FUNCTION discount(amount numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE AS $$ SELECT 0.9 * amount /* DROP TABLE orders; */ $$;
