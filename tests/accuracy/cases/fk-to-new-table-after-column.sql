-- case: fk-to-new-table-after-column
-- base: shop
-- change:
CREATE TABLE regions (id integer PRIMARY KEY, title text NOT NULL);
ALTER TABLE customers ADD COLUMN region_id integer;
ALTER TABLE customers ADD CONSTRAINT customers_region_fk FOREIGN KEY (region_id) REFERENCES regions (id);
