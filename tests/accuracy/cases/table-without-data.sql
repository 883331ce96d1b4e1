-- case: table-without-data
-- base: shop
-- change:
CREATE TABLE orders_shape AS SELECT * FROM orders WITH NO DATA;
ALTER TABLE orders_shape ADD CHECK (qty > 0), ALTER note TYPE varchar(10), ADD PRIMARY KEY (id);
