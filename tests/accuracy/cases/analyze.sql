-- case: analyze
-- base: shop
-- change:
ANALYZE orders, customers (email);
