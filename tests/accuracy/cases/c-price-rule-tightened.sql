-- case: c-price-rule-tightened
-- base: shop
-- change:
ALTER TABLE products DROP CONSTRAINT products_price_ok;
ALTER TABLE products ADD CONSTRAINT products_price_ok CHECK (price >= 0 AND price < 1000000) NOT VALID;
