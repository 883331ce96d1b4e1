-- case: reindex-table
-- base: shop
-- change:
REINDEX TABLE orders;
