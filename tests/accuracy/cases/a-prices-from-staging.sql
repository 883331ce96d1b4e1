-- case: a-prices-from-staging
-- base: shop
-- change:
BEGIN;
CREATE TEMPORARY TABLE price_fix (sku text PRIMARY KEY, price numeric(10,2) NOT NULL) ON COMMIT DROP;
INSERT INTO price_fix SELECT 'sku-' || n, n + 0.95 FROM generate_series(1200, 1250) n;
ALTER TABLE price_fix ADD COLUMN seen boolean NOT NULL DEFAULT false;
CREATE INDEX ON price_fix (seen);
UPDATE products p SET price = f.price FROM price_fix f WHERE f.sku = p.sku AND p.price <> f.price;
DELETE FROM price_fix f USING products p WHERE p.sku = f.sku;
COMMIT;
