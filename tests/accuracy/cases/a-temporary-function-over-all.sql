-- case: a-temporary-function-over-all
-- base: bookings
-- change:
CREATE FUNCTION pg_temp.rename_source(old_name text, new_name text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
    changed integer;
BEGIN
    UPDATE public.bookings SET source = new_name WHERE source = old_name;
    GET DIAGNOSTICS changed = ROW_COUNT;
    RETURN changed;
END
$$;
SELECT pg_temp.rename_source('web', 'website');
