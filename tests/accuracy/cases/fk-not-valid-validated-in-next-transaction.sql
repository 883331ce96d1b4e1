-- case: fk-not-valid-validated-in-next-transaction
-- base: shop
-- change:
BEGIN;
ALTER TABLE public.orders ADD CONSTRAINT orders_customer_fk
    FOREIGN KEY (customer_id) REFERENCES public.customers (id) ON DELETE RESTRICT NOT VALID;
COMMIT;
BEGIN;
ALTER TABLE public.orders VALIDATE CONSTRAINT orders_customer_fk;
COMMIT;
