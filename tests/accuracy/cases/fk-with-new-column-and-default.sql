-- case: fk-with-new-column-and-default
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN billed_to bigint NOT NULL DEFAULT 1 REFERENCES customers (id);
