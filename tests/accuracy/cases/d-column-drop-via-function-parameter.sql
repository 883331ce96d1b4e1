-- case: d-column-drop-via-function-parameter
-- base: docs
-- change:
CREATE FUNCTION pg_temp.forget(s text, t text, c text) RETURNS void LANGUAGE plpgsql AS $f$
BEGIN
    EXECUTE format('ALTER TABLE %I.%I DROP COLUMN %I', s, t, c);
END
$f$;
SELECT pg_temp.forget('Library', 'Documents', 'tags');
