-- case: b-add-column-stable-function
-- base: shop
-- given:
CREATE FUNCTION setting(wanted text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (SELECT value FROM settings WHERE key = wanted);
END
$$;
-- change:
ALTER TABLE orders ADD COLUMN currency text NOT NULL DEFAULT setting('currency');
