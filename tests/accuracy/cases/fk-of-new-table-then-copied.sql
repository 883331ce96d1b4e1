-- case: fk-of-new-table-then-copied
-- base: shop
-- change:
CREATE TABLE shipments (
    order_id    bigint PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers (id)
);
INSERT INTO shipments SELECT id, customer_id FROM orders WHERE state = 'shipped';
