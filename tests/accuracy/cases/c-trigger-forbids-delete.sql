-- case: c-trigger-forbids-delete
-- base: shop
-- change:
CREATE FUNCTION no_delete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'orders are cancelled, not deleted';
END
$$;
CREATE TRIGGER orders_no_delete BEFORE DELETE ON orders
    FOR EACH ROW EXECUTE FUNCTION no_delete();
