-- case: do-not-null
-- base: shop
-- change:
DO $$
BEGIN
    ALTER TABLE orders ALTER COLUMN channel SET NOT NULL;
END
$$;
