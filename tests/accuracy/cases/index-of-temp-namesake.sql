-- case: index-of-temp-namesake
-- base: shop
-- change:
CREATE TEMP TABLE orders AS SELECT * FROM public.orders WHERE total > 100;
CREATE INDEX ON orders (note);
ALTER TABLE orders ALTER COLUMN note SET NOT NULL;
DROP TABLE orders;
