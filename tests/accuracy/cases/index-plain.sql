-- case: index-plain
-- base: shop
-- change:
CREATE INDEX orders_note_idx ON orders (note);
