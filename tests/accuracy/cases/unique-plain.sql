-- case: unique-plain
-- base: shop
-- change:
ALTER TABLE orders ADD CONSTRAINT orders_ext_ref_key UNIQUE (ext_ref);
