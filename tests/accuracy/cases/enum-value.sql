-- case: enum-value
-- base: shop
-- change:
ALTER TYPE order_state ADD VALUE IF NOT EXISTS 'returned' AFTER 'shipped';
