-- case: check-plain
-- base: shop
-- change:
ALTER TABLE orders ADD CONSTRAINT orders_qty_ok CHECK (qty BETWEEN 1 AND 1000);
