-- case: a-sequences-cared-for
-- base: shop
-- change:
ALTER SEQUENCE products_id_seq AS bigint NO MAXVALUE;
ALTER SEQUENCE order_lines_id_seq CACHE 20;
SELECT setval('orders_id_seq', (SELECT max(id) FROM orders), true);
SELECT setval(pg_get_serial_sequence('public.customers', 'id'), (SELECT max(id) + 1000 FROM customers));
