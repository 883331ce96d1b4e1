-- case: check-replaced
-- base: shop
-- change:
ALTER TABLE products DROP CONSTRAINT products_price_ok,
    ADD CONSTRAINT products_price_ok CHECK (price >= 0 AND price < 100000) NOT VALID;
