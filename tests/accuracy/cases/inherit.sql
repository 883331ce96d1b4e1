-- case: inherit
-- base: shop
-- change:
CREATE TABLE named (title varchar(80) NOT NULL);
ALTER TABLE products INHERIT named;
