-- case: column-with-check
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN rating integer CHECK (rating BETWEEN 1 AND 5);
