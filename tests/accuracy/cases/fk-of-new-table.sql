-- case: fk-of-new-table
-- base: shop
-- change:
CREATE TABLE refunds (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint NOT NULL REFERENCES orders (id),
    amount   numeric(10,2) NOT NULL CHECK (amount > 0)
);
CREATE INDEX refunds_order_idx ON refunds (order_id);
