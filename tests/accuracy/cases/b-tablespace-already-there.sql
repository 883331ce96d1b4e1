-- case: b-tablespace-already-there
-- base: shop
-- change:
ALTER TABLE orders SET TABLESPACE pg_default;
ALTER TABLE customers SET ACCESS METHOD heap;
