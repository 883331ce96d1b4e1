-- case: check-column-then-validate
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_qty_ok CHECK (qty > 0) NOT VALID;
-- change:
ALTER TABLE customers ADD COLUMN nickname text;
ALTER TABLE orders VALIDATE CONSTRAINT orders_qty_ok;
