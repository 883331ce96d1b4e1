-- case: check-validate-with-other-action
-- base: shop
-- earlier:
ALTER TABLE orders ADD CONSTRAINT orders_qty_ok CHECK (qty > 0) NOT VALID;
-- change:
ALTER TABLE orders
    VALIDATE CONSTRAINT orders_qty_ok,
    ADD COLUMN gift boolean;
