-- case: d-update-cte-returning
-- base: shop
-- change:
WITH touched AS (
    UPDATE public.customers AS c SET locale = lower(c.locale) RETURNING c.id
)
SELECT count(*) FROM touched;
