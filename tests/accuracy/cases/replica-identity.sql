-- case: replica-identity
-- base: shop
-- change:
ALTER TABLE orders REPLICA IDENTITY FULL;
