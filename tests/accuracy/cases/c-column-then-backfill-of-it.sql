-- case: c-column-then-backfill-of-it
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN currency char(3);
UPDATE orders SET currency = 'NOK';
