-- case: b-add-column-check-and-default
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN stars smallint NOT NULL DEFAULT 3 CONSTRAINT customers_stars_ok CHECK (stars BETWEEN 1 AND 5);
