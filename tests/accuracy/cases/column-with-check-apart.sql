-- case: column-with-check-apart
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN rating integer,
    ADD CONSTRAINT orders_rating_ok CHECK (rating BETWEEN 1 AND 5) NOT VALID;
