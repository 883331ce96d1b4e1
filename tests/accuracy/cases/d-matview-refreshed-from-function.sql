-- case: d-matview-refreshed-from-function
-- base: shop
-- change:
CREATE FUNCTION refresh_totals() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    REFRESH MATERIALIZED VIEW public.customer_totals;
END $$;
SELECT refresh_totals();
