-- case: d-rename-in-loop-of-one
-- base: shop
-- change:
DO $$
DECLARE
    was text := 'ext_ref';
    becomes text := 'external_reference';
BEGIN
    EXECUTE 'ALTER TABLE orders RENAME COLUMN ' || quote_ident(was) || ' TO ' || quote_ident(becomes);
END $$;
