-- case: a-trigger-replaced-in-place
-- base: bookings
-- change:
CREATE OR REPLACE FUNCTION log_booking() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    INSERT INTO public.booking_log (booking_id, what) VALUES (NEW.id, lower(TG_OP));
    RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER bookings_log AFTER INSERT OR UPDATE ON bookings
    FOR EACH ROW WHEN (NEW.id IS NOT NULL) EXECUTE FUNCTION log_booking();
