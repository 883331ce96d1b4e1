-- case: a-spelling-of-unused-value
-- base: shop
-- change:
BEGIN;
ALTER TYPE order_state RENAME VALUE 'cancelled' TO 'canceled';
ALTER TYPE order_state ADD VALUE 'refunded' AFTER 'canceled';
COMMIT;
