-- case: c-touch-trigger-on-products
-- base: shop
-- change:
ALTER TABLE products ADD COLUMN touched_at timestamptz;
CREATE FUNCTION touch_product() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.touched_at := now();
    RETURN NEW;
END
$$;
CREATE TRIGGER products_touch BEFORE UPDATE ON products
    FOR EACH ROW EXECUTE FUNCTION touch_product();
