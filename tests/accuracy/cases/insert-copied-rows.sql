-- case: insert-copied-rows
-- base: shop
-- given:
CREATE TABLE mailing (email text PRIMARY KEY, name text);
-- change:
INSERT INTO mailing SELECT email, name FROM customers;
