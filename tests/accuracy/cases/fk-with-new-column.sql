-- case: fk-with-new-column
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN billed_to bigint REFERENCES customers (id);
