-- case: trigger-that-refuses
-- base: shop
-- change:
CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no more'; END $$;
CREATE TRIGGER orders_no_more BEFORE DELETE ON orders FOR EACH ROW EXECUTE FUNCTION no_more();
