-- case: unique-using-index-built-in-transaction
-- base: shop
-- change:
CREATE UNIQUE INDEX orders_ext_ref_uniq ON orders (ext_ref);
ALTER TABLE orders ADD CONSTRAINT orders_ext_ref_key UNIQUE USING INDEX orders_ext_ref_uniq;
