-- case: c-uuid-for-new-customers
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN public_id uuid;
ALTER TABLE customers ALTER COLUMN public_id SET DEFAULT gen_random_uuid();
