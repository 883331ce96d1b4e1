-- case: held-lock-then-fill-new-table
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN tier integer;
CREATE TABLE numbers (n integer PRIMARY KEY);
INSERT INTO numbers SELECT generate_series(1, 20000);
