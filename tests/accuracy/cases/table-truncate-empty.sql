-- case: table-truncate-empty
-- base: shop
-- given:
CREATE TABLE staging (line text);
-- change:
TRUNCATE staging;
