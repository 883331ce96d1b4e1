-- case: not-null-of-new-column
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN parcels integer DEFAULT 1;
ALTER TABLE customers ADD COLUMN vip boolean DEFAULT false NOT NULL;
