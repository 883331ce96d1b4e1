-- case: prepared-update
-- base: shop
-- change:
PREPARE fill(text) AS UPDATE orders SET channel = $1 WHERE channel IS NOT NULL;
EXECUTE fill('web');
DEALLOCATE fill;
