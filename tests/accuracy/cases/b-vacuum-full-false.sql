-- case: b-vacuum-full-false
-- base: shop
-- change:
VACUUM (FULL false, ANALYZE, INDEX_CLEANUP on) orders;
