-- case: check-not-valid
-- base: shop
-- change:
ALTER TABLE orders ADD CONSTRAINT orders_qty_ok CHECK (qty BETWEEN 1 AND 1000) NOT VALID;
