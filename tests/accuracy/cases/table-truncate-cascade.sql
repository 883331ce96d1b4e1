-- case: table-truncate-cascade
-- base: shop
-- change:
TRUNCATE TABLE orders RESTART IDENTITY CASCADE;
