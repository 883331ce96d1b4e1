-- case: d-type-of-pending-table
-- base: shop
-- earlier:
CREATE TABLE vouchers (id integer PRIMARY KEY, code varchar(10));
-- change:
ALTER TABLE vouchers ALTER id TYPE bigint, ALTER code TYPE char(12);
