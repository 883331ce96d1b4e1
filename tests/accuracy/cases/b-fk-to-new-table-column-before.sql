-- case: b-fk-to-new-table-column-before
-- base: shop
-- change:
CREATE TABLE warehouses (id integer PRIMARY KEY, name text NOT NULL);
ALTER TABLE orders ADD COLUMN warehouse_id integer;
ALTER TABLE orders ADD CONSTRAINT orders_warehouse_fk FOREIGN KEY (warehouse_id) REFERENCES warehouses (id);
