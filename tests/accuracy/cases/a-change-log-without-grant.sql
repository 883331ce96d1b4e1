-- case: a-change-log-without-grant
-- base: shop
-- change:
CREATE TABLE customer_changes (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    changed_at  timestamptz NOT NULL DEFAULT now(),
    old_row     jsonb NOT NULL
);
CREATE FUNCTION remember_customer() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO customer_changes (customer_id, old_row) VALUES (OLD.id, to_jsonb(OLD));
    RETURN NULL;
END
$$;
CREATE TRIGGER customers_remember AFTER UPDATE OR DELETE ON customers
    FOR EACH ROW EXECUTE PROCEDURE remember_customer();
