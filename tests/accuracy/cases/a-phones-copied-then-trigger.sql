-- case: a-phones-copied-then-trigger
-- base: shop
-- change:
BEGIN;
CREATE TABLE customer_phones (
    customer_id bigint PRIMARY KEY,
    phone       text NOT NULL
);
INSERT INTO customer_phones (customer_id, phone) SELECT id, phone FROM customers WHERE phone IS NOT NULL;
CREATE FUNCTION copy_phone() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF NEW.phone IS NULL THEN
        DELETE FROM customer_phones WHERE customer_id = NEW.id;
    ELSE
        INSERT INTO customer_phones VALUES (NEW.id, NEW.phone)
            ON CONFLICT (customer_id) DO UPDATE SET phone = excluded.phone;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER customers_copy_phone AFTER INSERT OR UPDATE OF phone ON customers
    FOR EACH ROW EXECUTE FUNCTION copy_phone();
COMMIT;
