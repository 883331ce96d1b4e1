-- case: two-tables-briefly
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN tier integer;
ALTER TABLE orders ADD COLUMN tier integer;
