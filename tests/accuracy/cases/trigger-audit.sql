-- case: trigger-audit
-- base: shop
-- given:
CREATE TABLE audit (at timestamptz DEFAULT now(), what text);
CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
BEGIN
    INSERT INTO public.audit (what) VALUES (TG_TABLE_NAME);
    RETURN NULL;
END $$;
-- change:
CREATE TRIGGER orders_audit AFTER INSERT OR DELETE ON orders FOR EACH ROW EXECUTE FUNCTION audit();
