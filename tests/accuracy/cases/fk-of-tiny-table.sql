-- case: fk-of-tiny-table
-- base: shop
-- given:
CREATE TABLE carriers (id integer PRIMARY KEY, contact bigint);
-- rows:
INSERT INTO carriers VALUES (1, 10), (2, 20);
-- change:
ALTER TABLE carriers ADD FOREIGN KEY (contact) REFERENCES customers (id);
