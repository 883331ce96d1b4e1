-- case: c-check-not-valid-of-known-channels
-- base: shop
-- change:
ALTER TABLE orders ADD CONSTRAINT orders_channel_known CHECK (channel IN ('web', 'shop')) NOT VALID;
-- app:
INSERT INTO orders (customer_id, total, channel) VALUES (5, 20, 'app');
