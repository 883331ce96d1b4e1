-- case: lock-table
-- base: shop
-- change:
LOCK TABLE orders;
