-- case: a-soft-delete-first-step
-- base: shop
-- change:
BEGIN;
ALTER TABLE customers ADD COLUMN deleted_at timestamptz, ADD COLUMN deleted_by text;
CREATE OR REPLACE VIEW active_customers AS
    SELECT id, email, name FROM customers WHERE is_active AND deleted_at IS NULL;
COMMIT;
