-- case: column-stable-default
-- base: shop
-- change:
ALTER TABLE public.orders ADD COLUMN IF NOT EXISTS touched_at timestamptz NOT NULL DEFAULT now();
