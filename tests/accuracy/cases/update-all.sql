-- case: update-all
-- base: shop
-- change:
UPDATE orders SET channel = 'web';
