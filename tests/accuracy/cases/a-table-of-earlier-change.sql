-- case: a-table-of-earlier-change
-- base: shop
-- earlier:
CREATE TABLE refunds (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id bigint,
    amount   numeric(12,2),
    reason   varchar(200)
);
-- change:
ALTER TABLE refunds
    ALTER COLUMN order_id SET NOT NULL,
    ALTER COLUMN amount SET NOT NULL,
    ALTER COLUMN reason TYPE varchar(50),
    ADD CONSTRAINT refunds_amount_ok CHECK (amount > 0),
    ADD CONSTRAINT refunds_order_key UNIQUE (order_id);
CREATE INDEX refunds_reason_idx ON refunds (reason);
GRANT SELECT, INSERT ON refunds TO app;
