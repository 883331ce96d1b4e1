-- case: do-if-not-exists
-- base: shop
-- change:
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_constraint WHERE conname = 'orders_total_ok') THEN
        ALTER TABLE orders ADD CONSTRAINT orders_total_ok CHECK (total >= 0) NOT VALID;
    END IF;
END
$$;
