-- case: not-null-already
-- base: shop
-- change:
ALTER TABLE customers ALTER email SET NOT NULL;
