-- case: c-helper-adds-clock-column
-- base: shop
-- change:
CREATE FUNCTION pg_temp.add_stamp(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ADD COLUMN stamped_at timestamptz NOT NULL DEFAULT clock_timestamp()', target);
END
$$;
SELECT pg_temp.add_stamp('products');
