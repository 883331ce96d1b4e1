-- case: d-column-dropped-among-actions
-- base: shop
-- change:
ALTER TABLE public.customers
    ADD COLUMN mobile text,
    DROP phone,
    ALTER score SET DEFAULT 0;
