-- case: b-add-column-references-null
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN invoiced_to bigint CONSTRAINT orders_invoiced_fk REFERENCES customers (id);
