-- case: check-drop
-- base: shop
-- change:
ALTER TABLE products DROP CONSTRAINT products_price_ok;
-- app:
INSERT INTO products (sku, title, price) VALUES ('sku-minus', 'Minus', -1);
