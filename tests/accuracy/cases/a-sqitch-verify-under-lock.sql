-- case: a-sqitch-verify-under-lock
-- base: shop
-- change:
-- Deploy shop:orders_weight to pg
-- requires: orders
BEGIN;

ALTER TABLE public.orders ADD COLUMN weight_g integer;

-- Verify: nothing may have it yet.
DO $$
BEGIN
    ASSERT (SELECT count(*) FROM public.orders WHERE weight_g IS NOT NULL) = 0;
END
$$;

COMMIT;
