-- case: storage-access-method-same
-- base: shop
-- change:
ALTER TABLE orders SET ACCESS METHOD heap;
