-- case: index-concurrently-in-transaction
-- base: shop
-- change:
BEGIN;
CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);
COMMIT;
