-- case: default-of-ungranted-sequence
-- base: shop
-- change:
CREATE SEQUENCE order_refs;
ALTER TABLE orders ALTER COLUMN ext_ref SET DEFAULT 'R' || nextval('order_refs');
