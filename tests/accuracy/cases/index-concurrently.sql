-- case: index-concurrently
-- base: shop
-- change:
CREATE INDEX CONCURRENTLY orders_note_idx ON orders (note);
