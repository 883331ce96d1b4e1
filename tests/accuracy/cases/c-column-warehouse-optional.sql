-- case: c-column-warehouse-optional
-- base: shop
-- change:
CREATE TABLE warehouses (id integer PRIMARY KEY, city text NOT NULL);
INSERT INTO warehouses VALUES (1, 'Oslo');
GRANT SELECT ON warehouses TO app;
ALTER TABLE products ADD COLUMN warehouse_id integer REFERENCES warehouses (id);
