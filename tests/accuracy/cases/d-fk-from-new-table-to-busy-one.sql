-- case: d-fk-from-new-table-to-busy-one
-- base: shop
-- change:
CREATE TABLE IF NOT EXISTS addresses (
    id bigserial PRIMARY KEY,
    customer_id bigint NOT NULL REFERENCES customers ON DELETE CASCADE,
    street text
);
CREATE INDEX IF NOT EXISTS addresses_customer_idx ON addresses (customer_id);
