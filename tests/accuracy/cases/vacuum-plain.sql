-- case: vacuum-plain
-- base: shop
-- change:
VACUUM (FULL false, ANALYZE) orders;
