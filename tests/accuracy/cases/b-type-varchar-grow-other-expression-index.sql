-- case: b-type-varchar-grow-other-expression-index
-- base: shop
-- given:
CREATE INDEX orders_ref_lower_idx ON orders (lower(ext_ref));
ALTER TABLE orders ADD CONSTRAINT orders_qty_ok CHECK (qty > 0);
-- change:
ALTER TABLE orders ALTER COLUMN note TYPE varchar(200);
