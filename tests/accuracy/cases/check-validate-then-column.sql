-- case: check-validate-then-column
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_qty_ok CHECK (qty > 0) NOT VALID;
-- change:
ALTER TABLE orders VALIDATE CONSTRAINT orders_qty_ok;
ALTER TABLE orders ADD COLUMN gift boolean;
