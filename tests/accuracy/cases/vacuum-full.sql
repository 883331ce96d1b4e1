-- case: vacuum-full
-- base: shop
-- change:
VACUUM (FULL, ANALYZE) orders;
