-- case: d-index-on-new-table-of-script
-- base: shop
-- change:
BEGIN;
CREATE TABLE wishlists (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_id bigint NOT NULL,
    product_id integer NOT NULL
);
CREATE INDEX ON wishlists (customer_id);
CREATE UNIQUE INDEX ON wishlists (customer_id, product_id);
ALTER TABLE wishlists ADD CONSTRAINT wishlists_positive CHECK (product_id > 0);
COMMIT;
