-- case: trigger-function-replaced
-- base: bookings
-- change:
CREATE OR REPLACE FUNCTION log_booking() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
    INSERT INTO booking_log (booking_id, what) VALUES (NEW.id, lower(TG_OP));
    RETURN NEW;
END
$$;
