-- case: backfill-new-column-by-join-limited
-- base: shop
-- change:
-- change: transaction=off
ALTER TABLE order_lines ADD COLUMN sku text;
UPDATE order_lines l SET sku = p.sku FROM products p WHERE p.id = l.product_id AND l.id BETWEEN 1 AND 200;
