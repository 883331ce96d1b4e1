-- case: c-default-then-backup-copy
-- base: shop
-- change:
ALTER TABLE orders ALTER COLUMN channel SET DEFAULT 'shop';
CREATE TABLE orders_backup AS TABLE orders;
