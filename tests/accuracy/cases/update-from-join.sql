-- case: update-from-join
-- base: shop
-- change:
UPDATE order_lines l SET price = p.price FROM products p WHERE p.id = l.product_id AND l.price IS DISTINCT FROM p.price;
-- app instead:
SELECT quantity FROM order_lines WHERE id = 4;
