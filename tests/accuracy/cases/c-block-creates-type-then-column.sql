-- case: c-block-creates-type-then-column
-- base: shop
-- change:
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_type WHERE typname = 'payment_kind') THEN
        CREATE TYPE payment_kind AS ENUM ('card', 'invoice');
    END IF;
    RAISE NOTICE 'type is there';
END
$$;
ALTER TABLE orders ADD COLUMN IF NOT EXISTS payment payment_kind;
