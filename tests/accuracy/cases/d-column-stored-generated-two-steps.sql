-- case: d-column-stored-generated-two-steps
-- base: shop
-- change:
BEGIN;
SET LOCAL lock_timeout = '3s';
ALTER TABLE order_lines ADD COLUMN amount numeric(12,2) GENERATED ALWAYS AS (quantity * price) STORED;
COMMENT ON COLUMN order_lines.amount IS 'what the line comes to';
COMMIT;
