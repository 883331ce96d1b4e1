-- case: statistics-and-publication
-- base: shop
-- change:
CREATE STATISTICS orders_by_state (dependencies) ON customer_id, state FROM orders;
CREATE PUBLICATION outward FOR TABLE orders, customers;
