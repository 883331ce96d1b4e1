-- case: b-add-column-if-not-exists-there
-- base: shop
-- given:
ALTER TABLE customers ADD COLUMN token uuid;
-- change:
ALTER TABLE customers ADD COLUMN IF NOT EXISTS token uuid DEFAULT gen_random_uuid();
