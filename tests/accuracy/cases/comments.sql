-- case: comments
-- base: shop
-- change:
COMMENT ON TABLE orders IS $note$
    Never again: ALTER TABLE orders ALTER COLUMN note TYPE varchar(10);
    DROP TABLE order_lines;
$note$;
COMMENT ON COLUMN orders.note IS 'free text'' ; DELETE FROM orders; --';
