-- case: a-bigint-key-prepared
-- base: shop
-- change:
ALTER TABLE products ADD COLUMN id_big bigint;
CREATE FUNCTION products_id_big() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.id_big := NEW.id;
    RETURN NEW;
END
$$;
CREATE TRIGGER products_id_big BEFORE INSERT OR UPDATE ON products FOR EACH ROW EXECUTE FUNCTION products_id_big();
CREATE UNIQUE INDEX CONCURRENTLY products_id_big_key ON products (id_big);
ALTER TABLE products ADD CONSTRAINT products_id_big_there CHECK (id_big IS NOT NULL) NOT VALID;
