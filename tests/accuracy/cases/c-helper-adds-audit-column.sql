-- case: c-helper-adds-audit-column
-- base: shop
-- change:
CREATE FUNCTION pg_temp.add_audit(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ADD COLUMN IF NOT EXISTS changed_by text', target);
END
$$;
SELECT pg_temp.add_audit('products');
SELECT pg_temp.add_audit('customers');
