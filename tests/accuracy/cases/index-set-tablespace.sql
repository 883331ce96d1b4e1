-- case: index-set-tablespace
-- base: shop
-- change:
ALTER INDEX orders_pkey SET TABLESPACE fast;
