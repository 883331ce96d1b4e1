-- case: a-small-table-locked-during-backfill
-- base: shop
-- change:
ALTER TABLE settings ADD COLUMN description text;
UPDATE order_lines SET price = round(price, 1) WHERE price <> round(price, 1);
UPDATE settings SET description = 'Of all prices' WHERE key = 'currency';
