-- case: a-column-swap
-- base: shop
-- earlier:
ALTER TABLE orders ADD COLUMN qty_big bigint DEFAULT 1;
CREATE FUNCTION orders_qty_big() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.qty_big := NEW.qty;
    RETURN NEW;
END
$$;
CREATE TRIGGER orders_qty_big BEFORE INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION orders_qty_big();
-- rows:
UPDATE orders SET qty_big = qty;
-- change:
BEGIN;
SET LOCAL lock_timeout = '2s';
LOCK TABLE orders IN ACCESS EXCLUSIVE MODE;
DROP TRIGGER orders_qty_big ON orders;
DROP FUNCTION orders_qty_big();
ALTER TABLE orders RENAME COLUMN qty TO qty_int;
ALTER TABLE orders RENAME COLUMN qty_big TO qty;
COMMIT;
