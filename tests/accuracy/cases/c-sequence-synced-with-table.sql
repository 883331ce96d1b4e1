-- case: c-sequence-synced-with-table
-- base: shop
-- change:
SELECT setval('orders_id_seq', (SELECT max(id) FROM orders));
SELECT setval(pg_get_serial_sequence('customers', 'id'), (SELECT max(id) + 100 FROM customers));
