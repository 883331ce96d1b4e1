-- case: table-drop-cascade
-- base: shop
-- change:
DROP TABLE IF EXISTS public.customers CASCADE;
