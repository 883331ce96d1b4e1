-- case: d-not-null-beside-statistics
-- base: shop
-- change:
ALTER TABLE orders ALTER note SET STATISTICS 200, ALTER channel SET NOT NULL, ALTER note SET DEFAULT '';
