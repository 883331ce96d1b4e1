-- case: a-column-with-retries
-- base: shop
-- change:
DO $$
DECLARE
    tries integer := 0;
BEGIN
    SET LOCAL lock_timeout = '200ms';
    LOOP
        BEGIN
            ALTER TABLE public.orders ADD COLUMN IF NOT EXISTS gift_note text;
            EXIT;
        EXCEPTION WHEN lock_not_available THEN
            tries := tries + 1;
            IF tries > 20 THEN
                RAISE;
            END IF;
            PERFORM pg_sleep(0.5);
        END;
    END LOOP;
END
$$;
