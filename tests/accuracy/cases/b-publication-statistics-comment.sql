-- case: b-publication-statistics-comment
-- base: shop
-- change:
CREATE PUBLICATION sales FOR TABLE orders, order_lines;
CREATE STATISTICS orders_state_channel (dependencies, mcv) ON state, channel FROM orders;
ANALYZE orders;
COMMENT ON COLUMN orders.note IS 'Shown to the customer.';
GRANT SELECT ON orders, order_lines TO report;
