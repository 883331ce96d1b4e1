-- case: index-of-copied-table
-- base: shop
-- change:
CREATE TABLE orders_2024 AS SELECT * FROM orders WHERE placed_at >= '2024-01-01';
ALTER TABLE orders_2024 ADD PRIMARY KEY (id);
CREATE INDEX orders_2024_note_idx ON orders_2024 (note);
