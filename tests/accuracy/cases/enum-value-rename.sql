-- case: enum-value-rename
-- base: shop
-- change:
ALTER TYPE order_state RENAME VALUE 'paid' TO 'settled';
