-- case: a-nulls-that-are-not-there
-- base: shop
-- change:
UPDATE orders SET channel = 'web' WHERE channel IS NULL;
UPDATE customers SET locale = 'nb', is_active = true WHERE locale IS NULL AND is_active IS NOT TRUE;
