-- case: column-escaped-table-name
-- base: shop
-- change:
ALTER TABLE U&"\006frders" ADD COLUMN token uuid DEFAULT gen_random_uuid();
