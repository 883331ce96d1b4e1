-- case: column-constant-default
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN gift_wrap boolean NOT NULL DEFAULT false, ADD weight int DEFAULT 10;
