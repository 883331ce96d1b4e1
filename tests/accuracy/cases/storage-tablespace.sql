-- case: storage-tablespace
-- base: shop
-- change:
ALTER TABLE orders SET TABLESPACE fast;
