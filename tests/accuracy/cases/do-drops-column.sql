-- case: do-drops-column
-- base: shop
-- change:
DO language plpgsql 'BEGIN ALTER TABLE customers DROP COLUMN phone; END';
