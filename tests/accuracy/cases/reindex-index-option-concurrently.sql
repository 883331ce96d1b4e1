-- case: reindex-index-option-concurrently
-- base: shop
-- change:
REINDEX (CONCURRENTLY) INDEX public.orders_placed_idx;
