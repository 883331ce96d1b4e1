-- case: type-varchar-narrower
-- base: shop
-- change:
ALTER TABLE orders ALTER COLUMN note TYPE varchar(90);
