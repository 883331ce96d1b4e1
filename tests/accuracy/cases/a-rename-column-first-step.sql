-- case: a-rename-column-first-step
-- base: shop
-- change:
-- customers.name becomes full_name. First of three steps: both are kept alike.
BEGIN;
ALTER TABLE customers ADD COLUMN full_name text;
CREATE FUNCTION customers_both_names() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.full_name IS DISTINCT FROM OLD.full_name AND NEW.name = OLD.name THEN
        NEW.name := NEW.full_name;
    ELSE
        NEW.full_name := NEW.name;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER customers_both_names BEFORE INSERT OR UPDATE ON customers
    FOR EACH ROW EXECUTE FUNCTION customers_both_names();
COMMIT;
