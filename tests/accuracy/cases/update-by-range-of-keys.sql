-- case: update-by-range-of-keys
-- base: shop
-- change:
UPDATE orders SET channel = 'phone' WHERE id >= 200 AND id < 700;
