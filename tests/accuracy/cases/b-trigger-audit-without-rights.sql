-- case: b-trigger-audit-without-rights
-- base: shop
-- change:
CREATE TABLE order_audit (order_id bigint NOT NULL, at timestamptz NOT NULL DEFAULT now(), what text NOT NULL);
CREATE FUNCTION audit_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO order_audit (order_id, what) VALUES (NEW.id, TG_OP);
    RETURN NULL;
END
$$;
CREATE TRIGGER orders_audit AFTER INSERT OR UPDATE ON orders
    FOR EACH ROW EXECUTE FUNCTION audit_order();
