-- case: a-channel-becomes-enum
-- base: shop
-- change:
CREATE TYPE sales_channel AS ENUM ('web', 'store', 'phone');
ALTER TABLE orders
    ALTER COLUMN channel DROP DEFAULT,
    ALTER COLUMN channel TYPE sales_channel USING channel::sales_channel,
    ALTER COLUMN channel SET DEFAULT 'web';
