-- case: column-drop-of-new-column
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN draft text;
ALTER TABLE customers DROP COLUMN draft;
