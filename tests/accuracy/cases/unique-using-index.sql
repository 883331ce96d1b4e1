-- case: unique-using-index
-- base: shop
-- earlier:
CREATE UNIQUE INDEX CONCURRENTLY orders_ext_ref_key ON orders (ext_ref);
-- change:
ALTER TABLE orders ADD CONSTRAINT orders_ext_ref_key UNIQUE USING INDEX orders_ext_ref_key;
