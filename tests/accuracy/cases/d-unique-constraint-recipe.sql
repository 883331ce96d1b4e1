-- case: d-unique-constraint-recipe
-- base: shop
-- change:
CREATE UNIQUE INDEX CONCURRENTLY "orders_ext_ref_key" ON orders (ext_ref);
ALTER TABLE orders ADD CONSTRAINT orders_ext_ref_key UNIQUE USING INDEX orders_ext_ref_key;
