-- case: b-function-called-migrates
-- base: shop
-- given:
CREATE FUNCTION fill_channel(standard text) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    done bigint;
BEGIN
    UPDATE orders SET channel = coalesce(channel, standard);
    GET DIAGNOSTICS done = ROW_COUNT;
    RETURN done;
END
$$;
-- change:
SELECT fill_channel('web');
