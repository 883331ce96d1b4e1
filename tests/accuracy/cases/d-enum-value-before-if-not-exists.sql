-- case: d-enum-value-before-if-not-exists
-- base: shop
-- change:
ALTER TYPE public.order_state ADD VALUE IF NOT EXISTS 'refunded' BEFORE 'cancelled';
ALTER TYPE public.order_state ADD VALUE IF NOT EXISTS 'paid';
