-- case: c-check-validated-from-earlier-beside-index-drop
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_ext_ref_ok CHECK (ext_ref <> '') NOT VALID;
-- change:
DROP INDEX IF EXISTS orders_placed_idx;
ALTER TABLE orders VALIDATE CONSTRAINT orders_ext_ref_ok;
