-- case: b-add-column-volatile-function-inlined
-- base: shop
-- given:
CREATE FUNCTION first_grade() RETURNS integer LANGUAGE sql VOLATILE AS 'SELECT 1';
-- change:
ALTER TABLE orders ADD COLUMN grade integer DEFAULT first_grade();
