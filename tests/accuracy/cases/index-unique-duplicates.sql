-- case: index-unique-duplicates
-- base: shop
-- change:
CREATE UNIQUE INDEX CONCURRENTLY orders_customer_key ON orders (customer_id);
