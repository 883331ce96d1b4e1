-- case: d-column-if-not-exists-with-default-present
-- base: shop
-- change:
ALTER TABLE customers ADD COLUMN IF NOT EXISTS score integer NOT NULL DEFAULT (random() * 100)::integer;
