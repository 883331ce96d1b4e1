-- case: b-type-varchar-grow-partial-index
-- base: shop
-- given:
CREATE INDEX orders_ext_open_idx ON orders (customer_id) WHERE note IS NOT NULL;
-- change:
ALTER TABLE orders ALTER COLUMN note TYPE varchar(200);
