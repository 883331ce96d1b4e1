-- case: column-filled-in-transaction
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN total_gross numeric(12,2);
UPDATE orders SET total_gross = total * 1.25;
