-- case: update-by-key
-- base: shop
-- change:
UPDATE orders SET channel = 'phone' WHERE id = 8;
UPDATE settings SET value = '26' WHERE key = 'tax';
