-- case: b-update-no-row-matches
-- base: shop
-- change:
UPDATE customers SET country = 'NO' WHERE country IS NULL;
DELETE FROM orders WHERE placed_at < '2020-01-01';
