-- case: b-sequence-restart-high
-- base: shop
-- change:
ALTER SEQUENCE orders_id_seq RESTART WITH 500000 CACHE 20;
ALTER SEQUENCE order_lines_id_seq OWNED BY NONE;
SELECT setval('products_id_seq', (SELECT max(id) + 1000 FROM products));
