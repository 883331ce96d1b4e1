-- case: d-fk-from-new-table-then-backfill-of-old
-- base: shop
-- change:
BEGIN;
CREATE TABLE addresses (id bigserial PRIMARY KEY, customer_id bigint NOT NULL REFERENCES customers);
UPDATE orders SET channel = 'shop';
COMMIT;
