-- case: not-null-plain
-- base: shop
-- change:
ALTER TABLE orders ALTER COLUMN channel SET NOT NULL;
