-- case: c-block-guards-not-null
-- base: bookings
-- change:
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM information_schema.columns
        WHERE table_name = 'bookings' AND column_name = 'source' AND is_nullable = 'YES'
    ) THEN
        ALTER TABLE bookings ALTER COLUMN source SET NOT NULL;
    END IF;
END
$$;
