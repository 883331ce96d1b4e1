-- case: a-invalid-index-swept
-- base: shop
-- change:
SET statement_timeout = 0;
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_index WHERE indexrelid = to_regclass('public.orders_ext_ref_idx') AND NOT indisvalid) THEN
        DROP INDEX public.orders_ext_ref_idx;
    END IF;
END
$$;
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_ext_ref_idx ON public.orders (ext_ref);
CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_placed_idx ON public.orders (placed_at);
