-- case: b-reindex-index-inside-do
-- base: shop
-- change:
DO $$
BEGIN
    EXECUTE 'REINDEX INDEX ' || 'orders_placed_idx'::regclass;
END
$$;
