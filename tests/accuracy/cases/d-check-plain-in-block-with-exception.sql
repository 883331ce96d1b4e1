-- case: d-check-plain-in-block-with-exception
-- base: shop
-- change:
DO $$
BEGIN
    ALTER TABLE orders ADD CONSTRAINT orders_total_not_negative CHECK (total >= 0);
EXCEPTION
    WHEN duplicate_object THEN NULL;
END $$;
