-- case: reindex-concurrently
-- base: shop
-- change:
REINDEX TABLE CONCURRENTLY orders;
