-- case: d-fk-unnamed-inline-with-actions
-- base: shop
-- change:
ALTER TABLE orders
    ALTER COLUMN note SET STATISTICS 500,
    ADD FOREIGN KEY (customer_id) REFERENCES public.customers ON UPDATE CASCADE;
