-- case: check-validate-alone
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_qty_ok CHECK (qty > 0) NOT VALID;
-- change:
SET lock_timeout = '1s';
ALTER TABLE orders VALIDATE CONSTRAINT orders_qty_ok;
