-- case: check-not-valid-refuses-application
-- base: shop
-- change:
ALTER TABLE orders ADD CONSTRAINT orders_ext_ref_there CHECK (ext_ref IS NOT NULL) NOT VALID;
