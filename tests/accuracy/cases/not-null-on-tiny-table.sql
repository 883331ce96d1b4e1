-- case: not-null-on-tiny-table
-- base: shop
-- given:
CREATE TABLE couriers (id integer PRIMARY KEY, title text);
-- rows:
INSERT INTO couriers VALUES (1, 'Post'), (2, 'Bike');
-- change:
ALTER TABLE couriers ALTER title SET NOT NULL;
