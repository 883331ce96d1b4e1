-- case: select-function-made-here
-- base: shop
-- change:
CREATE FUNCTION pg_temp.tighten() RETURNS void LANGUAGE sql AS $$
    ALTER TABLE orders ADD CONSTRAINT orders_total_ok CHECK (total >= 0);
$$;
SELECT pg_temp.tighten();
