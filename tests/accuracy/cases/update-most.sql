-- case: update-most
-- base: shop
-- change:
UPDATE orders SET channel = 'shop' WHERE state = 'new' AND total < 200;
