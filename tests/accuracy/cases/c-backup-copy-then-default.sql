-- case: c-backup-copy-then-default
-- base: shop
-- change:
CREATE TABLE orders_backup AS TABLE orders;
ALTER TABLE orders ALTER COLUMN channel SET DEFAULT 'shop';
