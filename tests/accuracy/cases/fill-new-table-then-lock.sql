-- case: fill-new-table-then-lock
-- base: shop
-- change:
CREATE TABLE numbers (n integer PRIMARY KEY);
INSERT INTO numbers SELECT generate_series(1, 20000);
ALTER TABLE customers ADD COLUMN tier integer;
