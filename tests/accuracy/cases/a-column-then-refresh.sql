-- case: a-column-then-refresh
-- base: shop
-- change:
BEGIN;
ALTER TABLE orders ADD COLUMN delivered_at timestamptz;
COMMENT ON COLUMN orders.delivered_at IS 'When the parcel was handed over.';
REFRESH MATERIALIZED VIEW customer_totals;
COMMIT;
