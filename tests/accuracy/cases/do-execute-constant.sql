-- case: do-execute-constant
-- base: shop
-- change:
DO $$ BEGIN EXECUTE 'ALTER TABLE orders ADD COLUMN parcel text'; END $$;
