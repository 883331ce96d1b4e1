-- case: type-same
-- base: shop
-- change:
ALTER TABLE orders ALTER COLUMN note TYPE character varying(100);
