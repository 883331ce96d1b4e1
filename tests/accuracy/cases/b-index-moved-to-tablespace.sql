-- case: b-index-moved-to-tablespace
-- base: shop
-- change:
ALTER INDEX orders_placed_idx SET TABLESPACE fast;
