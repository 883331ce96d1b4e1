-- case: fk-between-new-tables
-- base: shop
-- change:
CREATE TABLE warehouses (id integer PRIMARY KEY, city text);
CREATE TABLE shelves (id integer PRIMARY KEY, warehouse integer);
ALTER TABLE shelves ADD CONSTRAINT shelves_warehouse_fk FOREIGN KEY (warehouse) REFERENCES warehouses;
INSERT INTO warehouses VALUES (1, 'Oslo');
INSERT INTO shelves SELECT n, 1 FROM generate_series(1, 5000) n;
