-- case: d-drop-list-of-tables
-- base: shop
-- given:
CREATE TABLE old_imports (id integer);
-- change:
DROP TABLE IF EXISTS tmp_imports, old_imports, public.order_lines CASCADE;
