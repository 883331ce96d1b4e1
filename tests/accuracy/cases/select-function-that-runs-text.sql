-- case: select-function-that-runs-text
-- base: shop
-- given:
CREATE FUNCTION run_sql(text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE $1; END $$;
-- change:
SELECT run_sql('ALTER TABLE orders ALTER COLUMN channel SET NOT NULL');
