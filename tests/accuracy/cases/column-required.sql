-- case: column-required
-- base: shop
-- change:
ALTER TABLE orders ADD COLUMN channel_id integer NOT NULL;
