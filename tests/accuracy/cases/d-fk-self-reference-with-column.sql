-- case: d-fk-self-reference-with-column
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN referred_by bigint REFERENCES customers (id) ON DELETE SET NULL;
