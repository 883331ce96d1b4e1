-- case: b-trigger-function-loses-definer
-- base: bookings
-- change:
CREATE OR REPLACE FUNCTION log_booking() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.booking_log (booking_id, what) VALUES (NEW.id, lower(TG_OP));
    RETURN NEW;
END
$$;
