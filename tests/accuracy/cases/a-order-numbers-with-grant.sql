-- case: a-order-numbers-with-grant
-- base: shop
-- change:
CREATE SEQUENCE order_number_seq START WITH 500000 INCREMENT BY 7;
ALTER TABLE orders ADD COLUMN number bigint;
ALTER TABLE orders ALTER COLUMN number SET DEFAULT nextval('order_number_seq');
ALTER SEQUENCE order_number_seq OWNED BY orders.number;
GRANT USAGE ON SEQUENCE order_number_seq TO app;
