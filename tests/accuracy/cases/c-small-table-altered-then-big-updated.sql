-- case: c-small-table-altered-then-big-updated
-- base: shop
-- change:
ALTER TABLE settings ADD COLUMN changed_at timestamptz NOT NULL DEFAULT now();
UPDATE orders SET channel = 'web' WHERE id % 2 = 0;
