-- case: check-validate-in-transaction
-- base: shop
-- change:
BEGIN;
ALTER TABLE orders ADD CONSTRAINT orders_qty_ok CHECK (qty > 0) NOT VALID;
ALTER TABLE orders VALIDATE CONSTRAINT orders_qty_ok;
COMMIT;
