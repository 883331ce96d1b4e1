-- case: fk-to-new-table-with-column
-- base: shop
-- change:
CREATE TABLE regions (id integer PRIMARY KEY, title text NOT NULL);
ALTER TABLE customers ADD COLUMN region_id integer CONSTRAINT customers_region_fk REFERENCES regions (id);
