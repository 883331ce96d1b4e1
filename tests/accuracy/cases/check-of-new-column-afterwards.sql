-- case: check-of-new-column-afterwards
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN rating smallint;
ALTER TABLE orders ADD CONSTRAINT orders_rating_ok CHECK (rating BETWEEN 1 AND 5);
