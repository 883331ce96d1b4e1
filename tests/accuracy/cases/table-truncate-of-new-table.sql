-- case: table-truncate-of-new-table
-- base: shop
-- change:
CREATE TABLE staging (n integer);
INSERT INTO staging SELECT generate_series(1, 3000);
TRUNCATE staging;
